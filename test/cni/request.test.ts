import test from 'ava'
import { readConfig, workloadOf } from '../../src/cni/request.js'

const config = (fields = {}) => readConfig({ cniVersion: '1.0.0', name: 'n', ...fields })
const container = { id: 'C0FFEEC0FFEEC0FFEE', ifname: 'eth0', netns: '' }

test('which workload a container is', (t) => {
  const pod = { CNI_ARGS: 'K8S_POD_NAMESPACE=usr1;K8S_POD_NAME=web-0' }
  const named = { CNI_ARGS: `${pod.CNI_ARGS};SLUICE_WORKLOAD=usr1/web` }
  t.is(workloadOf(config({ args: { cni: { workload: 'usr1/db' } } }), container, named), 'usr1/db')
  t.is(workloadOf(config(), container, named), 'usr1/web')
  t.is(workloadOf(config({ network: 'usr2/lan' }), container, pod), 'usr1/web-0')
  t.is(workloadOf(config({ network: 'usr2/lan' }), container, {}), 'usr2/c0ffeec0ffee')
  t.is(workloadOf(config(), container, { CNI_ARGS: 'K8S_POD_NAME=web-0' }), undefined)
  t.is(workloadOf(config(), container, {}), undefined)
})

test('what a configuration says is kept, what it does not has its default', (t) => {
  t.deepEqual(config(), { cniVersion: '1.0.0', name: 'n', bridge: 'br-int' })
  const own = { bridge: 'br-x', db: 'tcp:127.0.0.1:6640', network: 'a/lan', 'cni.dev/valid-attachments': [] }
  t.deepEqual(config(own), {
    cniVersion: '1.0.0',
    name: 'n',
    bridge: 'br-x',
    db: 'tcp:127.0.0.1:6640',
    network: 'a/lan',
    validAttachments: [],
  })
  t.throws(() => config({ bridge: 7 }), { code: 7 })
  t.throws(() => config({ prevResult: { ips: 'none' } }), { code: 7 })
})
