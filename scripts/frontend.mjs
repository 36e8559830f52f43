// Builds what browsers load into the folders that the server embeds: for all pages the WASM and its script, the style sheet
// and the files of `public`; for the page that scans its script, its style sheet, and the worker with its WASM. Each file
// has a brotli copy beside it. Names, features and the profile are in Cargo.toml, under workspace.metadata.leptos.
//   node scripts/frontend.mjs            builds both
//   node scripts/frontend.mjs scanner    builds the second; cargo-leptos builds the first for `make watch`
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { withoutExports, withoutUnused } from './unexport.mjs'

const { buildSync, transformSync } = createRequire(join(process.env.TOOLS, 'npm', 'x.js'))('esbuild')

const WASM_OPT = ['-Oz', '--enable-bulk-memory', '--enable-nontrapping-float-to-int']
// Supported by all browsers since 2023.
const BROWSERS = ['chrome109', 'edge109', 'firefox115', 'safari16', 'ios16']
const TARGET = 'wasm32-unknown-unknown'

const run = (program, ...args) => execFileSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
const step = (what) => console.error(`    ${what}`)

const metadata = JSON.parse(execFileSync('cargo', ['metadata', '--format-version=1', '--locked', '--quiet', '--filter-platform', TARGET], {
  maxBuffer: 2 ** 26,
}))
const { metadata: { leptos: [leptos] } } = metadata
const profile = leptos['lib-profile-release']
// Panic messages contain file names: remove the local path of the crates.
const crates = dirname(dirname(metadata.packages.find(({ source }) => source).manifest_path))
const rustflags = JSON.stringify([`--remap-path-prefix=${crates}/=`])

const isUnused = (what) => /^(__wbg_)?intounderlying/i.test(what)

/** Compiles a library to WASM, small, with its script: `NAME.wasm` and `NAME.js`. */
function wasm(crate, name, folder, ...options) {
  // As a module alone: what other crates link as well is not optimised as a whole.
  run('cargo', 'rustc', '--locked', '--package', crate, '--lib', '--crate-type', 'cdylib', '--target', TARGET, '--profile', profile,
    ...options, '--config', `target.${TARGET}.rustflags=${rustflags}`)
  const compiled = join(metadata.target_directory, TARGET, profile, `${crate}.wasm`)
  run('wasm-bindgen', '--target=web', '--no-typescript', `--out-name=${name}`, `--out-dir=${folder}`, compiled)
  const whole = join(folder, `${name}_bg.wasm`)
  writeFileSync(whole, withoutExports(readFileSync(whole), isUnused))
  // leptos requests it by this name.
  run('wasm-opt', ...WASM_OPT, whole, '-o', join(folder, `${name}.wasm`))
  rmSync(whole)
}

const minify = (from, to, options) => {
  const { code, warnings } = transformSync(readFileSync(from, 'utf8'), { minify: true, target: BROWSERS, ...options })
  for (const { text } of warnings) console.error(`${from}: ${text}`)
  writeFileSync(to, code)
}

// Which distance encoding is the shortest depends on the file.
const brotli = (bytes) => [[0, 0], [0, 4], [1, 2], [1, 8], [2, 4]].map(([postfix, direct]) => brotliCompressSync(bytes, {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    [constants.BROTLI_PARAM_NPOSTFIX]: postfix,
    [constants.BROTLI_PARAM_NDIRECT]: direct,
  },
})).reduce((best, other) => (other.length < best.length ? other : best))

/** Fills a folder that replaces the old one when it is complete. */
function replace(folder, fill) {
  const draft = `${folder}.new`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true })
  fill(draft)
  for (const file of readdirSync(draft, { recursive: true }).map((file) => join(draft, file))) {
    if (statSync(file).isFile()) writeFileSync(`${file}.br`, brotli(readFileSync(file)))
  }
  rmSync(folder, { recursive: true, force: true })
  renameSync(draft, folder)
}

function pages(folder) {
  const name = leptos['output-name']
  const pkg = join(folder, leptos['site-pkg-dir'])
  cpSync(leptos['assets-dir'], folder, { recursive: true })
  for (const file of readdirSync(folder, { recursive: true }).map((file) => join(folder, file))) {
    // What every page with a form has also runs in browsers that cannot run the rest.
    if (file.endsWith('.js')) minify(file, file, file.endsWith('/page.js') ? { target: 'es2017' } : {})
  }
  mkdirSync(pkg, { recursive: true })
  step('compiling the WASM of the pages')
  wasm(leptos['lib-package'], name, pkg, '--no-default-features', '--features', leptos['lib-features'].join())
  const script = join(pkg, `${name}.js`)
  const module = new WebAssembly.Module(readFileSync(join(pkg, `${name}.wasm`)))
  const imports = new Set(WebAssembly.Module.imports(module).map(({ name }) => name))
  writeFileSync(script, withoutUnused(readFileSync(script, 'utf8'), isUnused, imports))
  minify(script, script, { format: 'esm', target: 'es2022', treeShaking: true })
  minify(leptos['style-file'], join(pkg, `${name}.css`), { loader: 'css' })
}

function scanner(folder) {
  step('compiling the WASM of the scanner')
  wasm('scanner', 'worker', folder)
  const glue = join(folder, 'worker.js')
  buildSync({
    entryPoints: ['crates/scanner/web/worker.js'],
    // The script of the WASM, which it imports.
    alias: { scanner: join(process.cwd(), glue) },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    outfile: glue,
    allowOverwrite: true,
  })
  minify('crates/scanner/web/page.js', join(folder, 'page.js'), { format: 'esm' })
  minify('style/scan.css', join(folder, 'page.css'), { loader: 'css' })
}

replace('target/scanner', scanner)
if (process.argv[2] !== 'scanner') replace(leptos['site-root'], pages)
