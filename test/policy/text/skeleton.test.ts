import test from 'ava'
import { runAtOnce } from '../../../src/policy/slices.js'
import { parse } from '../../../src/policy/text/parse.js'
import { skeletonOf } from '../../../src/policy/text/skeleton.js'
import { placedDocuments } from '../../../src/policy/text/yaml.js'

const range = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => line(n)).join('')
const list = range(100, (n) => `  - 10.0.0.${n}\n`)

/** What YAML makes of a text, and that what was cut from it is not missing. */
function documents(text: string): readonly unknown[] {
  return [...placedDocuments({ file: 'f', text })].map(({ document }) => document.toJS())
}

test('a long list of addresses is cut, and whole again', (t) => {
  const text = `a:\n${list}b: 1\n---\nc:\n${range(40, (n) => `- "2001:db8::${n}/128" # ${n}\n`)}- x\n`
  t.is(skeletonOf(text).cuts.length, 2)
  t.true(skeletonOf(text).text.length < 100)
  t.deepEqual(documents(text), [
    { a: Array.from({ length: 100 }, (_, n) => `10.0.0.${n}`), b: 1 },
    { c: [...Array.from({ length: 40 }, (_, n) => `2001:db8::${n}/128`), 'x'] },
  ])
})

test('places are those of the whole text', (t) => {
  const text = `a:\n${list}b: 1\n---\nc:\n${list}${range(40, (n) => `  -   ::${n}\n`)}d: [x]\n`
  const [first, second] = [...placedDocuments({ file: 'f', text })]
  const place = (found: { line: number; column: number } | undefined) =>
    found && `${found.line}:${found.column}`
  t.is(place(first?.value(['a', 0])), '2:5')
  t.is(place(first?.value(['a', 1])), '3:5')
  t.is(place(first?.value(['a', 99])), '101:5')
  t.is(place(first?.value(['b'])), '102:4')
  t.is(place(second?.value([])), '104:1')
  t.is(place(second?.value(['c', 139])), '244:7')
  t.is(place(second?.key([], 'd')), '245:1')
})

test('errors behind a list are at their places', (t) => {
  const text = `kind: AddressGroup\nname: g\naddresses:\n${list}  - 10.0.0.0/40\n${list}name: h\n---\nkind: [\n`
  const { errors } = runAtOnce(parse({ file: 'f', text }))
  t.deepEqual(
    errors.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`),
    [
      '205:1 duplicate-key key name is in the map twice',
      '104:5 bad-cidr addresses 10.0.0.0/40 is neither an IP address nor a CIDR block',
      '208:1 syntax flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  )
})

test('what looks like a list but is text stays text', (t) => {
  const text = `a: |\n${list}b: "\n${list}  "\nc:\n${list}---\nd: |\n${list}`
  t.true(skeletonOf(text).cuts.length > 0)
  const block = list.replace(/^ {2}/gm, '')
  const b = ` ${list.replaceAll(/\s+/g, ' ').trim()} `
  const c = Array.from({ length: 100 }, (_, n) => `10.0.0.${n}`)
  t.deepEqual(documents(text), [{ a: block, b, c }, { d: block }])
})

test('lines that YAML would not take for text are left to it', (t) => {
  for (const line of ['  - 10.1\n', '  - fe80::\n', '  - 1:2\n', '  - abc\n', '  - "10.0.0.1\n'])
    t.is(skeletonOf(`a:\n${line.repeat(100)}`).cuts.length, 0, line)
})

test('a list that changes its indentation, and one that the text ends in', (t) => {
  const text = `a:\n${list}   - 10.0.0.1\n`
  t.is(skeletonOf(text).cuts.length, 1)
  t.is(skeletonOf(list.trimEnd()).cuts[0]?.values.length, 98)
  t.deepEqual(documents(list.trimEnd()), [Array.from({ length: 100 }, (_, n) => `10.0.0.${n}`)])
})
