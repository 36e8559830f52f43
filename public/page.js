// What a page gains by script alone, without the WASM: buttons that show a password, and the enlarged code.
for (const button of document.querySelectorAll('.reveal')) {
  const field = button.previousElementSibling
  const show = (shown) => {
    field.type = shown ? 'text' : 'password'
    button.setAttribute('aria-pressed', shown)
  }
  button.hidden = false
  button.onclick = () => {
    show(field.type === 'password')
    field.focus()
  }
  // A browser must not remember a password as an ordinary text.
  field.form.addEventListener('submit', () => show(false))
}

const button = document.querySelector('.enlarge')
if (button) {
  const enlarge = (large) => {
    button.parentElement.classList.toggle('large', large)
    button.setAttribute('aria-pressed', large)
  }
  button.hidden = false
  button.onclick = () => enlarge(button.ariaPressed !== 'true')
  addEventListener('keydown', ({ key }) => key === 'Escape' && enlarge(false))
}

// A browser that cannot run the WASM does as one without script: the page refreshes itself, and its last step is a button.
const live = document.querySelector('.panel')
if (live) {
  const giveUp = () => {
    if (live.hasAttribute('data-awake')) return
    for (const plain of document.querySelectorAll('noscript')) plain.outerHTML = plain.textContent
  }
  if (window.WebAssembly && 'noModule' in HTMLScriptElement.prototype) addEventListener('unhandledrejection', giveUp)
  else giveUp()
}
