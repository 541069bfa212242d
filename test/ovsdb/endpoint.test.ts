import test from 'ava'
import { EndpointError, formatEndpoint, parseEndpoint, parseEndpoints } from '../../src/ovsdb/index.js'

test('every form of endpoint is read and written back', (t) => {
  t.deepEqual(parseEndpoint('tcp:10.0.0.1:6640'), { transport: 'tcp', host: '10.0.0.1', port: 6640 })
  t.deepEqual(parseEndpoint('tcp:[2001:db8::1]:6640'), { transport: 'tcp', host: '2001:db8::1', port: 6640 })
  t.deepEqual(parseEndpoint('ssl:db.example:1'), { transport: 'ssl', host: 'db.example', port: 1 })
  t.deepEqual(parseEndpoint('unix:/run/a:b.sock'), { transport: 'unix', path: '/run/a:b.sock' })
  for (const text of ['tcp:10.0.0.1:6640', 'ssl:[2001:db8::1]:6640', 'unix:/run/a:b.sock']) {
    t.is(formatEndpoint(parseEndpoint(text)), text)
  }
})

for (const text of [
  '',
  '6640',
  'http:1.2.3.4:80',
  'tcp:1.2.3.4',
  'tcp::6640',
  'tcp:1.2.3.4:0',
  'tcp:1.2.3.4:65536',
  'tcp:1.2.3.4.5:6640',
  'tcp:256.1.1.1:6640',
  'tcp:2001:db8::1:6640',
  'tcp:[1.2.3.4]:6640',
  'tcp:a b:1',
  'unix:',
]) {
  test(`"${text}" is refused`, (t) => {
    const error = t.throws(() => parseEndpoint(text), { instanceOf: EndpointError, code: 'endpoint' })
    t.is(error.text, text)
  })
}

test('several endpoints come as a list or with commas', (t) => {
  const several = parseEndpoints('tcp:192.0.2.1:6640,ssl:[2001:db8::1]:6640')
  t.deepEqual(several.map(formatEndpoint), ['tcp:192.0.2.1:6640', 'ssl:[2001:db8::1]:6640'])
  const [first] = several
  t.deepEqual(parseEndpoints([first, 'unix:/a,unix:/b']).map(formatEndpoint), [
    'tcp:192.0.2.1:6640',
    'unix:/a',
    'unix:/b',
  ])
  for (const wrong of ['', 'unix:/a,', ',', []]) t.throws(() => parseEndpoints(wrong), { code: 'endpoint' })
})
