/** Builds a lab in a process of its own, for tests that kill it: `node build.js NAME ROOT`. */
import { openLab } from '../../src/lab/index.js'
import { makeBridges, twoHosts, workloads } from './cluster.js'

const [name = '', root = ''] = process.argv.slice(2)
const plan = twoHosts(name)
const lab = await openLab(plan, { root })
await makeBridges(lab)
await lab.startController({
  command: ['sh', '-c', 'echo ready; exec sleep 1000'],
  policies: root,
  socket: `${root}/socket`,
})
await lab.plug(plan, workloads)
