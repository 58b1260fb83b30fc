import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

/** KaTeX names each font in three formats; every browser that runs this page reads the first. */
const oneFormat: Plugin = {
  name: 'one-font-format',
  enforce: 'pre',
  transform: (code, id) => (/katex.*\.css/.test(id) ? code.replace(/,url\([^)]*\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)/g, '') : undefined),
}

// The gateway embeds what the build writes, so file names carry their content's
// hash and nothing in them depends on the machine or the hour of the build.
export default defineConfig({
  plugins: [react(), oneFormat],
  base: '/',
  build: {
    outDir: '../internal/web/dist',
    emptyOutDir: true,
    sourcemap: false,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
  },
  // For `npm run dev`: the page from here, the API from a gateway beside it.
  server: { proxy: { '/openai': 'http://127.0.0.1:8080', '/api': 'http://127.0.0.1:8080' } },
  // Some run programs of other languages: a busy machine takes its time.
  test: { environment: 'node', testTimeout: 60_000, include: ['src/**/*.test.ts'] },
})
