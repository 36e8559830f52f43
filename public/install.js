// Offers to put us on the home screen of a phone that has approved two sign-ins, until somebody declines.
const hint = document.querySelector('.install')
const isApp = matchMedia('(display-mode: standalone)').matches || navigator.standalone
const decline = () => {
  hint.hidden = true
  localStorage.setItem('install', 'declined')
}
const isWanted = () => {
  try {
    const approved = (localStorage.getItem('approved') ?? '').split(' ')
    return !isApp && approved.length > 1 && localStorage.getItem('install') === null
  } catch {
    return false
  }
}
const show = (way) => {
  for (const part of hint.querySelectorAll('[data-way]')) part.hidden = part.dataset.way !== way
  hint.hidden = false
}

if (isWanted()) {
  hint.querySelector('[data-command=decline]').onclick = decline
  // Only browsers of iOS have this property, and they can be asked for nothing: people do it in two taps.
  if ('standalone' in navigator) show('share')
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    show('button')
    hint.querySelector('[data-command=install]').onclick = async () => {
      hint.hidden = true
      await event.prompt()
      if ((await event.userChoice).outcome === 'dismissed') decline()
    }
  })
  addEventListener('appinstalled', () => (hint.hidden = true))
}
