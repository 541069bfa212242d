import { readdirSync, readFileSync } from 'node:fs'
import { join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'

const root = fileURLToPath(new URL('../../', import.meta.url))
const maxLines = 300

/** What the controller wires together. */
const everything = [
  ...['api', 'datapath', 'dhcp', 'dhcp6', 'dns', 'flows', 'frames', 'gateway', 'host', 'links', 'model'],
  ...[
    'openflow',
    'ovsdb',
    'pipeline',
    'policy',
    'router',
    'router-advertisements',
    'stations',
    'store',
    'verdicts',
  ],
]

/**
 * Which layer may import which. A layer is a folder of src/, `flows`, or a file at the top of src/; `layer/file` on the
 * right allows that one file only. Below their own top every layer may import itself.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  openflow: [],
  model: [],
  ovsdb: [],
  store: [],
  policy: ['model', 'store'],
  pipeline: [
    ...['model', 'openflow/flow', 'openflow/bytes', 'openflow/message', 'openflow/field-masks'],
    ...['openflow/messages/bucket', 'openflow/messages/group', 'openflow/messages/meter'],
  ],
  flows: ['pipeline', 'model', 'openflow/flow'],
  datapath: ['pipeline', 'openflow'],
  execution: [
    ...[
      'openflow/flow',
      'openflow/fields',
      'openflow/fields/outside',
      'openflow/value',
      'openflow/canonical',
      'openflow/entry',
    ],
    ...['openflow/ports', 'openflow/actions/bits', 'openflow/messages/bucket', 'openflow/messages/group'],
  ],
  host: ['ovsdb', 'model', 'attach/keys'],
  frames: [],
  gateway: ['model', 'frames'],
  links: ['model', 'frames'],
  router: ['model', 'frames'],
  verdicts: ['model', 'frames'],
  dhcp: ['model', 'frames'],
  dhcp6: ['model', 'frames'],
  dns: ['model', 'frames'],
  'router-advertisements': ['model', 'frames'],
  stations: ['model', 'frames'],
  reach: ['model'],
  attach: ['ovsdb'],
  cni: ['attach'],
  lab: ['attach'],
  api: ['web'],
  web: [],
  cli: ['api', 'attach', 'lab'],
  demo: ['api', 'cli', 'lab'],
  controller: everything,
  'controller.ts': ['controller', ...everything],
  'reach.ts': ['model', 'policy', 'reach', 'store'],
  'main.ts': ['api', 'cli', 'controller.ts', 'openflow', 'policy', 'reach.ts'],
}

interface SourceFile {
  /** Below the checkout: `src/model/model.ts`. */
  readonly path: string
  readonly text: string
  /** The files that it imports, as paths like its own. */
  readonly imports: readonly string[]
}

function read(directory: string): readonly SourceFile[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = join(directory, name)
      const text = readFileSync(join(root, path), 'utf8')
      return { path, text, imports: importsOf(path, text) }
    })
}

/** Targets of `import … from`, `export … from`, `import '…'` and `import('…')` that are files of this project. */
function importsOf(path: string, text: string): readonly string[] {
  const found = text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()['"](\.[^'"]*)['"]/g)
  return [...found].map(([, target = '']) => normalize(join(path, '..', target)).replace(/\.js$/, '.ts'))
}

/** `flows`, `model`, `controller.ts`. */
function layerOf(path: string): string {
  const [top = '', second = ''] = path.split('/')
  return top === 'src' ? second : top
}

const files = [...read('src'), ...read('flows')]
const byPath = new Map(files.map((file) => [file.path, file]))

test('sources and their imports are found', (t) => {
  t.true(files.length > 200)
  for (const { path, imports } of files)
    for (const target of imports) t.true(byPath.has(target), `${path} imports ${target}`)
  t.deepEqual(byPath.get('flows/50-neighbour.ts')?.imports, [
    'src/model/routes.ts',
    'src/pipeline/actions.ts',
    'src/pipeline/table.ts',
    'flows/allowances.ts',
    'flows/answers.ts',
    'flows/protocols.ts',
    'flows/registers.ts',
    'flows/scopes.ts',
  ])
  t.deepEqual(importsOf('src/a/b.ts', "import './c.js'\nexport * from '../d.js'\nawait import('./e.js')"), [
    'src/a/c.ts',
    'src/d.ts',
    'src/a/e.ts',
  ])
})

test('every layer has its place in the table, and the table names no layer that does not exist', (t) => {
  const layers = new Set(files.map(({ path }) => layerOf(path)))
  t.deepEqual([...layers].sort(), Object.keys(allowed).sort())
})

test('imports go in allowed directions only', (t) => {
  for (const { path, imports } of files) {
    const layer = layerOf(path)
    for (const target of imports) {
      const other = layerOf(target)
      const file = `${other}/${relative(join('src', other), target).replace(/\.ts$/, '')}`
      const rules = allowed[layer] ?? []
      t.true(other === layer || rules.includes(other) || rules.includes(file), `${path} imports ${target}`)
    }
  }
})

test('no file imports itself by way of others', (t) => {
  const done = new Set<string>()
  const visit = (path: string, way: readonly string[]): void => {
    t.false(way.includes(path), [...way.slice(way.indexOf(path)), path].join(' imports '))
    if (done.has(path) || way.includes(path)) return
    for (const target of byPath.get(path)?.imports ?? []) visit(target, [...way, path])
    done.add(path)
  }
  for (const { path } of files) visit(path, [])
})

test(`no file is longer than ${maxLines} lines`, (t) => {
  for (const { path, text } of files) t.true(text.split('\n').length - 1 <= maxLines, path)
})

test('every file of flows/ that is named like a table is in the pipeline', (t) => {
  const tables = files.map(({ path }) => path).filter((path) => /^flows\/\d+-/.test(path))
  const registered = byPath.get('flows/pipeline.ts')?.imports.filter((path) => /^flows\/\d+-/.test(path))
  t.true(tables.length > 20)
  t.deepEqual(registered, [...tables].sort())
})
