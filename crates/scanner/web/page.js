// The page /scan: the camera, photos, and what is said about them. All texts are in the page; `data-phase` chooses one.

const panel = document.querySelector('.scanner')
const find = (selector) => panel.querySelector(selector)
const video = find('video')
const still = find('canvas')
const status = find('[role=status]')
const form = find('form')
const input = find('input[type=file]')
const torch = find('[data-command=torch]')
const other = find('[data-command=switch]')

/** Milliseconds between two frames. */
const PACE = 100
/** After so many without a code, the decoder helps the browser's own detector. */
const PATIENCE = 2000
/** A frame that takes longer has got the decoder stuck. */
const LIMIT = 3000
/** So long a camera may take to show something. */
const WARM_UP = 6000
const HINTS = [[8000, 'closer'], [20000, 'unseen']]
const CHOICE = 'qr-login-camera'
const REASONS = {
  NotAllowedError: 'denied', SecurityError: 'denied', NotFoundError: 'missing', OverconstrainedError: 'missing',
  NotReadableError: 'taken', AbortError: 'taken',
}

let stream, live
// Counts starts and stops: whatever belongs to an earlier one is ignored.
let run = 0
let resumes = false

/** Shows a phase and says it. */
function show(phase, host) {
  const hadFocus = panel.contains(document.activeElement)
  panel.dataset.phase = phase
  const note = find(`[data-note="${phase}"]`)
  if (host) note.querySelector('bdi').textContent = host
  const words = note ? [...note.querySelector('.words').children] : []
  status.textContent = words.map((part) => part.textContent).join(panel.dataset.stop)
  // The button that was pressed has vanished.
  if (hadFocus && !(document.activeElement.checkVisibility?.() ?? true)) find('h1').focus()
}

/** Where a code of ours leads, or whose it is. Nothing but our own pages is ever opened, by a path that is put together
 * here. */
function judge(text) {
  let url
  try {
    url = new URL(text)
  } catch {
    return { phase: 'other' }
  }
  if (!/^https?:$/.test(url.protocol)) return { phase: 'other' }
  if (url.origin !== location.origin) return { phase: 'foreign', host: url.host }
  const id = url.searchParams.get('id')
  if (url.pathname === '/confirm' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)) return { path: `/confirm?id=${id}` }
  if (/^\/c\/[a-z2-7]{26}$/i.test(url.pathname)) return { path: url.pathname }
  const code = url.searchParams.get('user_code')
  if (url.pathname === '/device' && /^[a-z]{4}-?[a-z]{4}$/i.test(code)) return { path: `/device?user_code=${code}` }
  return { phase: 'other' }
}

/** Acts on a code. */
function found(text) {
  const { path, phase, host } = judge(text)
  hold()
  stop()
  if (!path) {
    show(phase, host)
    return
  }
  navigator.vibrate?.(30)
  show('found')
  location.assign(path)
}

/** Keeps the last frame visible, because a camera that is off shows none. */
function hold() {
  if (!live) return
  still.width = video.videoWidth
  still.height = video.videoHeight
  still.getContext('2d').drawImage(video, 0, 0)
}

function stop() {
  run++
  live = false
  for (const track of stream?.getTracks() ?? []) {
    track.onended = track.onmute = null
    track.stop()
  }
  stream = video.srcObject = null
  torch.hidden = other.hidden = true
}

/** Decoders. The worker is loaded by the first frame that needs it. */
const decoder = {
  id: 0,
  load() {
    if (this.worker) return
    this.worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' })
    this.worker.onmessage = ({ data }) => {
      if (data.broken) this.fail()
      if (data.id !== undefined && data.id === this.id) this.done?.(data.text)
      if (data.crashed) this.end()
    }
    this.worker.onerror = () => this.fail()
  },
  end() {
    this.worker?.terminate()
    this.worker = undefined
    this.done?.()
  },
  fail() {
    this.end()
    this.isBroken = true
  },
  /** Reads a picture: a number of bytes, four per pixel. */
  read({ data, width }, frame) {
    this.load()
    return new Promise((done) => {
      // Loading it may take long.
      const timer = setTimeout(() => this.end(), this.hasRead ? LIMIT : 10 * LIMIT)
      this.done = (text) => {
        clearTimeout(timer)
        this.done = undefined
        this.hasRead = true
        done(text)
      }
      this.worker.postMessage({ id: ++this.id, pixels: data.buffer, width, frame }, [data.buffer])
    })
  },
}

/** The browser's own detector, where there is one that knows QR codes. Some have one that does not work. */
async function ownDetector() {
  try {
    if ((await BarcodeDetector.getSupportedFormats()).includes('qr_code')) return new BarcodeDetector({ formats: ['qr_code'] })
  } catch {}
}

const paper = document.createElement('canvas').getContext('2d', { willReadFrequently: true })

/** Draws a part of a picture at another size and returns its pixels. */
function draw(source, x, y, width, height, scale) {
  const { canvas } = paper
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  paper.imageSmoothingQuality = 'medium'
  paper.drawImage(source, x, y, width, height, 0, 0, canvas.width, canvas.height)
  return paper.getImageData(0, 0, canvas.width, canvas.height)
}

/** The middle of the picture, where the frame is; sometimes all of it. */
function frameOf(number) {
  const { videoWidth: width, videoHeight: height } = video
  if (number % 5 === 4) return draw(video, 0, 0, width, height, Math.min(1, 960 / Math.max(width, height)))
  const side = Math.round((Math.min(width, height) * 2) / 3)
  return draw(video, (width - side) / 2, (height - side) / 2, side, side, Math.min(1, 480 / side))
}

async function look(mine) {
  let detector = await ownDetector()
  const began = performance.now()
  let [hints, number] = [0, 0]
  let helps = !detector
  const next = () =>
    new Promise((done) => {
      if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(done)
      else requestAnimationFrame(done)
    })
  while (mine === run) {
    const at = performance.now()
    const seen = []
    if (detector)
      seen.push(
        detector.detect(video).then(
          (codes) => codes[0]?.rawValue,
          () => {
            detector = undefined
            helps = true
          },
        ),
      )
    helps ||= at - began > PATIENCE
    if (helps) {
      if (decoder.isBroken && !detector) {
        stop()
        show('broken')
        return
      }
      if (!decoder.isBroken) seen.push(decoder.read(frameOf(number), number))
    }
    number++
    const text = (await Promise.all(seen)).find(Boolean)
    if (mine !== run) return
    if (text) {
      found(text)
      return
    }
    while (hints < HINTS.length && at - began > HINTS[hints][0]) show(HINTS[hints++][1])
    await new Promise((done) => setTimeout(done, at + PACE - performance.now()))
    await next()
  }
}

function constraints() {
  let chosen
  try {
    chosen = localStorage.getItem(CHOICE)
  } catch {}
  const facingMode = { exact: 'environment' }
  return [
    ...(chosen ? [{ deviceId: { exact: chosen } }] : []),
    { facingMode, width: { min: 1024 } },
    { facingMode, width: { min: 768 } },
    { facingMode },
    { width: { ideal: 1280 } },
    true,
  ]
}

/** Starts the camera. The first try of two. */
async function start(isFirst = true) {
  stop()
  const mine = run
  if (!isSecureContext) return show('insecure')
  if (!navigator.mediaDevices?.getUserMedia) return show('missing')
  decoder.isBroken = false
  show('asking')
  let reason, opened
  for (const wanted of isFirst ? constraints() : [true]) {
    try {
      opened = await navigator.mediaDevices.getUserMedia({ video: wanted })
      break
    } catch (error) {
      reason = error.name
      if (reason === 'NotAllowedError' || reason === 'SecurityError') break
    }
  }
  if (mine !== run) {
    for (const track of opened?.getTracks() ?? []) track.stop()
    return
  }
  if (!opened) return show(REASONS[reason] ?? 'failed')
  stream = opened
  const [track] = stream.getVideoTracks()
  const lost = () => {
    if (mine !== run) return
    stop()
    show('stopped')
  }
  track.onended = lost
  track.onmute = () => setTimeout(() => track.muted && lost(), 1000)
  video.srcObject = stream
  // A camera of a web app that was ended may stay black for ever.
  const watchdog = setTimeout(() => {
    if (mine !== run) return
    if (isFirst) start(false)
    else lost()
  }, WARM_UP)
  try {
    await video.play()
  } catch {
    // Not allowed to play by itself, or stopped meanwhile.
  }
  while (mine === run && video.readyState < 2) await new Promise(requestAnimationFrame)
  clearTimeout(watchdog)
  if (mine !== run) return
  live = true
  show('looking')
  offer(track, mine)
  look(mine)
}

/** Offers the light and the other cameras, if there are any. Some phones know of their light only after a while. */
async function offer(track, mine) {
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput')
  await new Promise((done) => setTimeout(done, 500))
  if (mine !== run) return
  other.hidden = cameras.length < 2
  torch.hidden = !track.getCapabilities?.().torch
  torch.ariaPressed = 'false'
  other.onclick = () => {
    const at = cameras.findIndex(({ deviceId }) => deviceId === track.getSettings().deviceId)
    try {
      localStorage.setItem(CHOICE, cameras[(at + 1) % cameras.length].deviceId)
    } catch {}
    start()
  }
  torch.onclick = async () => {
    const on = torch.ariaPressed !== 'true'
    try {
      await track.applyConstraints({ advanced: [{ torch: on }] })
      torch.ariaPressed = `${on}`
    } catch {
      torch.hidden = true
    }
  }
}

/** Reads a photo here, at several sizes. The server reads it if this browser cannot. */
async function photo(file) {
  stop()
  const mine = run
  show('reading')
  try {
    const picture = await createImageBitmap(file)
    const { width, height } = picture
    for (const size of [1000, 640, 400]) {
      for (let way = 0; way < 5; way++) {
        const pixels = draw(picture, 0, 0, width, height, Math.min(1, size / Math.max(width, height)))
        const text = await decoder.read(pixels, way)
        if (mine !== run) return
        if (text) return found(text)
        if (decoder.isBroken) throw new Error('no decoder')
      }
    }
    input.value = ''
    show('nothing')
  } catch {
    form.submit()
  }
}

const commands = {
  start: () => start(),
  stop() {
    stop()
    show('ready')
  },
}

panel.addEventListener('click', ({ target }) => commands[target.closest('[data-command]')?.dataset.command]?.())
input.addEventListener('change', () => input.files[0] && photo(input.files[0]))
addEventListener('keydown', ({ key }) => {
  if (key === 'Escape' && (live || stream)) commands.stop()
})
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) {
    if (resumes) start()
    resumes = false
    return
  }
  setTimeout(() => {
    if (!document.hidden || !live) return
    resumes = true
    stop()
    show('ready')
  }, 300)
})
addEventListener('pagehide', stop)
addEventListener('pageshow', ({ persisted }) => persisted && show('ready'))

// What the server says about a photo stays.
if (panel.dataset.phase === 'plain') {
  show(isSecureContext ? 'ready' : 'insecure')
  // Who has allowed it before does not have to tap. Not every browser knows this permission.
  if (isSecureContext)
    navigator.permissions?.query({ name: 'camera' }).then(
      ({ state }) => state === 'granted' && panel.dataset.phase === 'ready' && start(),
      () => {},
    )
}
panel.dataset.awake = ''
