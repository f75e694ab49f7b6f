// What else a file called a model often is, by its first bytes.
import type { ByteSource } from '../run/ports.ts'

/** A sentence; `undefined` for what is none of them. */
export function foreignKind(source: ByteSource): string | undefined {
  const head = source.read(0, 64)
  const start = String.fromCharCode(...head)
  if (start.startsWith('version https://git-lfs'))
    return 'it is a Git LFS pointer; the model itself was not downloaded (git lfs pull)'
  if (start.startsWith('PK\x03\x04')) return 'it is a zip archive, such as a PyTorch checkpoint'
  if (start.startsWith('\x89HDF')) return 'it is an HDF5 file, such as Keras writes'
  if (start.slice(4, 8) === 'TFL3') return 'it is a TensorFlow Lite model'
  if (start.slice(4, 8) === 'ORTM') return 'it is in the ORT format; the .onnx file it was made of is needed'
  if (start.startsWith('GGUF')) return 'it is a GGUF model'
  if (/^\s*(?:<!doctype|<html|<\?xml)/i.test(start)) return 'it is a web page, as a failed download leaves'
  if (/^\s*[{[]\s*["{[]/.test(start)) return 'it is JSON'
  return undefined
}
