// Removes exports of a WASM module that nothing calls, and the script that would call them. wasm-streams exports three
// classes to every module that contains it, and with them all that they use: 2 KB for each page.

// Returns the module without the exports that `isUnused` names. What only they reach, `wasm-opt` removes.
export function withoutExports(module, isUnused) {
  const parts = [module.subarray(0, 8)]
  let at = 8
  const number = () => {
    let value = 0, shift = 0, byte
    do {
      byte = module[at++]
      value |= (byte & 0x7f) << shift
      shift += 7
    } while (byte & 0x80)
    return value
  }
  while (at < module.length) {
    const start = at
    const section = module[at++]
    const size = number()
    const end = at + size
    if (section === 7) {
      const kept = []
      for (let left = number(); left > 0; left--) {
        const entry = at
        const length = number()
        const name = module.toString('utf8', at, at + length)
        at += length + 1
        number()
        if (!isUnused(name)) kept.push(module.subarray(entry, at))
      }
      const body = Buffer.concat([leb(kept.length), ...kept])
      parts.push(Buffer.from([7]), leb(body.length), body)
    } else {
      parts.push(module.subarray(start, end))
    }
    at = end
  }
  return Buffer.concat(parts)
}

// Returns the script of wasm-bindgen without the classes that `isUnused` names and without the functions that the module
// does not import.
export function withoutUnused(script, isUnused, imports) {
  return script
    .replace(/^export class (\w+) \{\n[\s\S]*?^\}\nif \(Symbol\.dispose\).*\n/gm, (all, name) => isUnused(name) ? '' : all)
    .replace(/^const (\w+)Finalization = [\s\S]*?;\n/gm, (all, name) => isUnused(name) ? '' : all)
    .replace(/^ {8}(\w+): function\([\s\S]*?^ {8}\}(?:, arguments\); \})?,\n/gm, (all, name) => imports.has(name) ? all : '')
}

// Encodes a length (LEB128).
function leb(value) {
  const bytes = []
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0))
    value >>>= 7
  } while (value)
  return Buffer.from(bytes)
}
