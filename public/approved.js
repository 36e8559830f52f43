// Remembers, on this phone alone, the last two codes that it approved: from the second on, the account's page offers to put
// us on the home screen.
const remember = () => {
  try {
    const id = new URLSearchParams(location.search).get('id')
    const ids = (localStorage.getItem('approved') ?? '').split(' ').filter((known) => known && known !== id)
    localStorage.setItem('approved', [...ids, id].slice(-2).join(' '))
  } catch {
    // Storage is off: then there is no offer.
  }
}
const ask = document.querySelector('.ask')
if (ask) {
  const check = () => ask.dataset.phase === 'confirmed' && remember()
  new MutationObserver(check).observe(ask, { attributeFilter: ['data-phase'] })
} else remember()
