import type { Image } from './types'

/** The models shrink pictures to this themselves, so nothing is lost that they would see. */
const longestSide = 2048
const largestBytes = 4 << 20

/** Reads a picture file as a data: URL, scaled down where it is larger than models look at. Throws when it is none. */
export async function readPicture(file: File): Promise<Image> {
  const bitmap = await createImageBitmap(file)
  const { width, height } = bitmap
  try {
    const scale = Math.min(1, longestSide / Math.max(width, height))
    if (scale === 1 && file.size <= largestBytes) return { name: file.name, url: await dataUrl(file), width, height }
    const small = await redraw(bitmap, Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)), file.type)
    return { name: file.name, url: await dataUrl(small.blob), width: small.width, height: small.height, was: `${width} × ${height}` }
  } finally {
    bitmap.close()
  }
}

async function redraw(bitmap: ImageBitmap, width: number, height: number, type: string): Promise<{ blob: Blob; width: number; height: number }> {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const pen = canvas.getContext('2d')
  if (!pen) throw new Error('no canvas')
  pen.drawImage(bitmap, 0, 0, width, height)
  let blob = await written(canvas, type === 'image/png' ? 'image/png' : 'image/jpeg')
  if (blob.size > largestBytes) blob = await written(canvas, 'image/jpeg')
  return { blob, width, height }
}

function written(canvas: HTMLCanvasElement, type: string): Promise<Blob> {
  return new Promise((resolve, reject) => canvas.toBlob((b) => (b ? resolve(b) : reject(new Error('not written'))), type, 0.9))
}

export function dataUrl(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(file)
  })
}
