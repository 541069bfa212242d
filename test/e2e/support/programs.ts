import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** The program of this checkout, and its CNI plugin. */
export const program = join(root, 'bin/sluice')
export const cniProgram = join(root, 'bin/sluice-cni')
/** What people can copy. */
export const examples = join(root, 'examples')
