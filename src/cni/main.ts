import { text } from 'node:stream/consumers'
import { callPlugin } from './plugin.js'

const { stdout, status } = await callPlugin(process.env, await text(process.stdin))
process.stdout.write(stdout)
process.exitCode = status
