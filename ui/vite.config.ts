import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// The gateway embeds what the build writes, so file names carry their content's
// hash and nothing in them depends on the machine or the hour of the build.
export default defineConfig({
  plugins: [react()],
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
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
})
