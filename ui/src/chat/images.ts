import type { Image } from './types'

const kinds = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']
const most = 10
const largest = 20 << 20

/** Reads picture files as data: URLs; says which were left out and why. */
export async function pickImages(files: File[], had: number): Promise<{ images: Image[]; wrong: string }> {
  const wrong: string[] = []
  const fit = files.filter((f) => {
    if (!kinds.includes(f.type)) wrong.push(`${f.name} is not a PNG, JPEG, GIF or WebP picture.`)
    else if (f.size > largest) wrong.push(`${f.name} is larger than 20 MB.`)
    else return true
    return false
  })
  if (had + fit.length > most) wrong.push(`A message has at most ${most} pictures.`)
  const images = await Promise.all(fit.slice(0, Math.max(0, most - had)).map(async (f) => ({ name: f.name, url: await dataUrl(f) })))
  return { images, wrong: wrong.join(' ') }
}

function dataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(file)
  })
}
