/** Addresses that workloads form by themselves: the field `slaac` of networks. */
import test from 'ava'
import { checkDirectory } from '../../src/policy/index.js'
import { documents, errorsOf, Model, network, open, scratch, tenant, workload, write } from './support.js'

const lan = (more: string) => network('t', 'lan', '10.0.1.0/24', `subnet6: 2001:db8:1::/64\n${more}`)
const mac = 'mac: 00:16:3e:0c:07:73\n'

test('a workload without ip has the address that its MAC makes', async (t) => {
  const directory = scratch(t)
  const text = (more: string) =>
    documents(
      tenant('t'),
      lan(more),
      workload('t', 'given', mac),
      workload('t', 'own', 'ip: "2001:db8:1::7"\n'),
      workload('t', 'any'),
    )
  write(directory, { 'a.yaml': text('slaac: true\n') })
  const policy = open(directory)
  const model = new Model()
  const addresses = (name: string) => {
    const row = model.rows.get(`workload/t/${name}`)
    return row && 'mac' in row && 'addresses' in row ? { mac: row.mac, addresses: row.addresses } : undefined
  }
  model.apply((await policy.load()).changes)
  t.deepEqual(addresses('given')?.addresses.slice(1), ['2001:db8:1:0:216:3eff:fe0c:773'])
  t.deepEqual(addresses('own')?.addresses, ['2001:db8:1::7'])
  const { mac: made = '', addresses: [, formed] = [] } = addresses('any') ?? {}
  const [a = '', b = '', c = '', d = '', e = '', f = ''] = made.split(':')
  const first = (Number.parseInt(a, 16) ^ 2).toString(16)
  t.is(new URL(`http://[2001:db8:1:0:${first}${b}:${c}ff:fe${d}:${e}${f}]`).hostname, `[${formed}]`)
  write(directory, { 'a.yaml': text('') })
  model.apply((await policy.reread()).changes)
  t.regex(addresses('given')?.addresses[1] ?? '', /^2001:db8:1::[2-9]$/)
  write(directory, { 'a.yaml': text('slaac: true\n') })
  model.apply((await policy.reread()).changes)
  t.deepEqual(addresses('given')?.addresses.slice(1), ['2001:db8:1:0:216:3eff:fe0c:773'])
})

test('it takes a subnet6 whose prefix has 64 bits', (t) => {
  const errorsFor = (text: string) => {
    const directory = scratch(t)
    write(directory, { 'a.yaml': documents(tenant('t'), text) })
    return errorsOf(directory, { errors: checkDirectory(directory) })
  }
  t.deepEqual(errorsFor(lan('slaac: true\n')), [])
  t.deepEqual(errorsFor(network('t', 'lan', '10.0.1.0/24', 'slaac: true\n')), [
    'a.yaml:8:8: error: slaac has no subnet6 beside it [missing-subnet]',
  ])
  t.deepEqual(errorsFor(network('t', 'lan', '10.0.1.0/24', 'subnet6: 2001:db8::/112\nslaac: true\n')), [
    'a.yaml:9:8: error: slaac needs a subnet6 with a prefix of 64 bits, and 2001:db8::/112 has another [bad-value]',
  ])
})
