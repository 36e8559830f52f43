// Builds what browsers load into the folder that the server embeds: the WASM and its script, the style sheet, and the
// files of `public`, each with a brotli copy beside it. Names, features and the profile are in Cargo.toml, under
// package.metadata.leptos.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { withoutExports, withoutUnused } from './unexport.mjs'

const { transformSync } = createRequire(join(process.env.TOOLS, 'npm', 'x.js'))('esbuild')

const WASM_OPT = ['-Oz', '--enable-bulk-memory', '--enable-nontrapping-float-to-int']
// Supported by all browsers since 2023.
const BROWSERS = ['chrome109', 'edge109', 'firefox115', 'safari16', 'ios16']
const TARGET = 'wasm32-unknown-unknown'

const run = (program, ...args) => execFileSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
const step = (what) => console.error(`    ${what}`)

const metadata = JSON.parse(execFileSync('cargo', ['metadata', '--format-version=1', '--locked', '--quiet', '--filter-platform', TARGET], {
  maxBuffer: 2 ** 26,
}))
const { targets, metadata: { leptos } } = metadata.packages.find(({ id }) => id === metadata.resolve.root)
const crate = targets.find(({ kind }) => kind.includes('cdylib')).name.replaceAll('-', '_')
const name = leptos['output-name']
const profile = leptos['lib-profile-release']
// Panic messages contain file names: remove the local path of the crates.
const crates = dirname(dirname(metadata.packages.find(({ source }) => source).manifest_path))

step('compiling the WASM')
const rustflags = JSON.stringify([`--remap-path-prefix=${crates}/=`])
run('cargo', 'build', '--locked', '--lib', '--target', TARGET, '--profile', profile, '--no-default-features',
  '--features', leptos['lib-features'].join(), '--config', `target.${TARGET}.rustflags=${rustflags}`)

const site = leptos['site-root']
const draft = `${site}.new`
const pkg = join(draft, leptos['site-pkg-dir'])
rmSync(draft, { recursive: true, force: true })
cpSync(leptos['assets-dir'], draft, { recursive: true })
mkdirSync(pkg, { recursive: true })

step('making its script, and both small')
const compiled = join(metadata.target_directory, TARGET, profile, `${crate}.wasm`)
run('wasm-bindgen', '--target=web', '--no-typescript', `--out-name=${name}`, `--out-dir=${pkg}`, compiled)
const whole = join(pkg, `${name}_bg.wasm`)
// leptos requests it by this name.
const module = join(pkg, `${name}.wasm`)
const isUnused = (what) => /^(__wbg_)?intounderlying/i.test(what)
writeFileSync(whole, withoutExports(readFileSync(whole), isUnused))
run('wasm-opt', ...WASM_OPT, whole, '-o', module)
rmSync(whole)
const minify = (from, to, options) => {
  const { code, warnings } = transformSync(readFileSync(from, 'utf8'), { minify: true, target: BROWSERS, ...options })
  for (const { text } of warnings) console.error(`${from}: ${text}`)
  writeFileSync(to, code)
}
const script = join(pkg, `${name}.js`)
const imports = new Set(WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(module))).map(({ name }) => name))
writeFileSync(script, withoutUnused(readFileSync(script, 'utf8'), isUnused, imports))
minify(script, script, { format: 'esm', target: 'es2022', treeShaking: true })
minify(leptos['style-file'], join(pkg, `${name}.css`), { loader: 'css' })

// Which distance encoding is the shortest depends on the file.
const brotli = (bytes) => [[0, 0], [0, 4], [1, 2], [1, 8], [2, 4]].map(([postfix, direct]) => brotliCompressSync(bytes, {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    [constants.BROTLI_PARAM_NPOSTFIX]: postfix,
    [constants.BROTLI_PARAM_NDIRECT]: direct,
  },
})).reduce((best, other) => (other.length < best.length ? other : best))
for (const file of readdirSync(draft, { recursive: true }).map((file) => join(draft, file))) {
  if (file.endsWith('.js') && file !== script) minify(file, file, {})
  if (statSync(file).isFile()) writeFileSync(`${file}.br`, brotli(readFileSync(file)))
}

rmSync(site, { recursive: true, force: true })
renameSync(draft, site)
