import test from 'ava'
import { startDummySwitch } from '../support/dummy-switch.js'
import { examplesOf, runExample } from '../support/readme-examples.js'

test('the example of a session does on a switch what it says', async (t) => {
  const ovs = await startDummySwitch()
  t.teardown(() => ovs.stop())
  const [example] = examplesOf('src/openflow/README.md').filter(({ code }) => code.includes('dialOpenFlow'))
  t.truthy(example)
  const code = example?.code.replace('unix:/var/run/openvswitch/br0.mgmt', ovs.bridge) ?? ''
  t.deepEqual(runExample(code), example?.expected)
})
