// Lets a person choose which part of a picture is shown. Without it, or if the browser cannot read the file, the server
// cuts the middle.
const form = document.querySelector('.picture-form')
const { picture: field, x: left, y: top, size: side } = form.elements
const editor = form.querySelector('.cropper')
const zoom = editor.querySelector('[type=range]')
const [stage, round] = editor.querySelectorAll('canvas')

// Short sides of what is sent: at the highest zoom as many pixels as the server keeps.
const SHORTEST = 1280
const LARGEST_FILE = 8 * 1024 * 1024

// The picture as it is seen, the centre of the square in its pixels, and how many pixels of the file one of it is.
let picture
let centre
let scale = 1

function show() {
  const { width, height } = picture
  const size = Math.floor(Math.min(width, height) / zoom.value)
  const within = (at, length) => Math.min(Math.max(at, size / 2), length - size / 2)
  centre = { x: within(centre.x, width), y: within(centre.y, height) }
  const x = Math.floor(centre.x - size / 2)
  const y = Math.floor(centre.y - size / 2)
  for (const canvas of [stage, round]) {
    const context = canvas.getContext('2d')
    context.imageSmoothingQuality = 'high'
    context.drawImage(picture, x, y, size, size, 0, 0, canvas.width, canvas.height)
  }
  left.value = Math.floor(x * scale)
  top.value = Math.floor(y * scale)
  side.value = Math.floor(size * scale)
}

/** Moves what is shown by so many widths of the square. */
function move(across, down) {
  const size = Math.min(picture.width, picture.height) / zoom.value
  centre = { x: centre.x + across * size, y: centre.y + down * size }
  show()
}

function enlarge(times) {
  zoom.value *= times
  show()
}

/** Draws the file, upright and not larger than it has to be. */
async function read(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const shrink = Math.min(1, SHORTEST / Math.min(bitmap.width, bitmap.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(bitmap.width * shrink))
  canvas.height = Math.max(1, Math.round(bitmap.height * shrink))
  const context = canvas.getContext('2d')
  // As the server does with transparency.
  context.fillStyle = '#fff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  return [canvas, bitmap.width / canvas.width]
}

/** Sends what was drawn instead of the file: it is smaller, and has neither a place nor a date in it. */
async function replace(file) {
  const blob = await new Promise((done) => picture.toBlob(done, 'image/jpeg', 0.92))
  const files = new DataTransfer()
  files.items.add(new File([blob], file.name.replace(/(\.\w+)?$/, '.jpg'), { type: blob.type }))
  if (field.files[0] !== file) return
  field.files = files.files
  scale = 1
  show()
}

field.addEventListener('change', async () => {
  const [file] = field.files
  field.setCustomValidity('')
  editor.hidden = true
  left.value = top.value = side.value = ''
  if (!file) return
  try {
    const drawn = await read(file)
    if (field.files[0] !== file) return
    ;[picture, scale] = drawn
  } catch {
    if (file.size > LARGEST_FILE) {
      field.setCustomValidity(form.dataset.tooLarge)
      field.reportValidity()
    }
    return
  }
  zoom.value = 1
  centre = { x: picture.width / 2, y: picture.height / 2 }
  editor.hidden = false
  show()
  // A browser that cannot sends the file as it is.
  await replace(file).catch(() => {})
})

zoom.addEventListener('input', show)

const STEP = 0.05
const KEYS = {
  ArrowLeft: () => move(-STEP, 0),
  ArrowRight: () => move(STEP, 0),
  ArrowUp: () => move(0, -STEP),
  ArrowDown: () => move(0, STEP),
  '+': () => enlarge(1.1),
  '=': () => enlarge(1.1),
  '-': () => enlarge(1 / 1.1),
}
stage.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return
  event.preventDefault()
  KEYS[event.key]()
})

// One finger moves, two zoom, and a tap moves what was tapped to the middle.
const fingers = new Map()
let tapped
const apart = () => {
  const [one, other] = fingers.values()
  return Math.hypot(one.x - other.x, one.y - other.y)
}
stage.addEventListener('pointerdown', (event) => {
  stage.setPointerCapture(event.pointerId)
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
  tapped = fingers.size === 1
})
stage.addEventListener('pointermove', (event) => {
  const before = fingers.get(event.pointerId)
  if (!before) return
  const now = { x: event.clientX, y: event.clientY }
  if (fingers.size === 1) {
    // A finger is never quite still.
    if (tapped && Math.hypot(now.x - before.x, now.y - before.y) < 4) return
    tapped = false
    move((before.x - now.x) / stage.clientWidth, (before.y - now.y) / stage.clientHeight)
  }
  const distance = fingers.size === 2 && apart()
  fingers.set(event.pointerId, now)
  if (distance) enlarge(apart() / distance)
})
stage.addEventListener('pointerup', (event) => {
  if (!fingers.delete(event.pointerId) || !tapped) return
  const { x, y, width, height } = stage.getBoundingClientRect()
  move((event.clientX - x) / width - 0.5, (event.clientY - y) / height - 0.5)
})
stage.addEventListener('pointercancel', (event) => fingers.delete(event.pointerId))
stage.addEventListener(
  'wheel',
  (event) => {
    event.preventDefault()
    enlarge(event.deltaY < 0 ? 1.1 : 1 / 1.1)
  },
  { passive: false },
)
