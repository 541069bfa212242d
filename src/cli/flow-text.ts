import type { FlowEvent, FlowView } from '../api/contract.js'
import type { Output } from './output.js'
import { placeOf } from './place.js'
import type { Rates } from './rates.js'
import { Columns } from './table.js'

/** A flow without counters, as events bring it. */
export type PlainFlow = FlowEvent['flow']

/** Writes flows, each on its own line, in the form that was asked for. */
export interface FlowWriter {
  flow(flow: FlowView, rates?: Rates): Promise<void>
  event(event: FlowEvent): Promise<void>
}

const eventStyle = { added: 'green', changed: 'yellow', removed: 'red' } as const

/** Where each flow comes from, then the flow: host, table, place, rule, counters, match and actions. */
export function explainedWriter(output: Output, stats: boolean): FlowWriter {
  const columns = new Columns()
  const source = (flow: PlainFlow) => [
    flow.bridge === undefined ? flow.host : `${flow.host}/${flow.bridge}`,
    output.paint('cyan', flow.tableName ?? `table ${flow.table}`),
    flow.source?.file === undefined && flow.rule === undefined ? 'not ours' : placeOf(flow.source),
    flow.rule ?? '-',
  ]
  return {
    flow: (flow, rates) => {
      const counters = stats ? [`n_packets=${flow.packets} n_bytes=${flow.bytes}`] : []
      const perSecond = rates === undefined ? [] : [ratesText(rates)]
      return output.line(columns.format([...source(flow), ...counters, ...perSecond, flowText(flow)]))
    },
    event: ({ event, flow }) =>
      output.line(
        columns.format([
          output.paint(eventStyle[event], event.padEnd('changed'.length)),
          ...source(flow),
          flowText(flow),
        ]),
      ),
  }
}

/** Line for line what `ovs-ofctl --no-names dump-flows` prints; `named`: a line with the host before its flows. */
export function ovsWriter(output: Output, stats: boolean, named: boolean): FlowWriter {
  let host: string | undefined
  const write = async (flow: PlainFlow, text: string) => {
    if (named && flow.host !== host) await output.line(`# ${flow.host}`)
    host = flow.host
    await output.line(text)
  }
  return {
    flow: (flow) => write(flow, stats ? flow.text : flow.textWithoutStats),
    event: ({ event, flow }) => write(flow, ` event=${event.toUpperCase()}${flow.textWithoutStats}`),
  }
}

/** Priority, match and actions: what the switch goes by. */
function flowText(flow: PlainFlow): string {
  const match = flow.match === '' ? '' : `,${flow.match}`
  return `priority=${flow.priority}${match} actions=${flow.actions}`
}

function ratesText(rates: Rates): string {
  return `${rates.packetsPerSecond.toFixed(1)} packets/s ${rates.bytesPerSecond.toFixed(0)} bytes/s`
}
