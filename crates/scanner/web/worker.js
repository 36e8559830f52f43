// Reads frames in a worker, so that the page never waits for it, and can end one that takes too long.
import init, { decode } from 'scanner'

const ready = init({ module_or_path: new URL('worker.wasm', import.meta.url) })
ready.then(
  () => postMessage({ ready: true }),
  () => postMessage({ broken: true }),
)

onmessage = async ({ data: { id, pixels, width, frame } }) => {
  await ready
  let text
  try {
    text = decode(new Uint8Array(pixels), width, frame)
  } catch {
    // The module has stopped in the middle of something. The page starts another worker.
    postMessage({ id, crashed: true })
    return
  }
  postMessage({ id, text })
}
