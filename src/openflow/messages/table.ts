/** Tables: configuration, counters, features (OpenFlow 1.5.1, §7.3.4.1 and §7.3.5.16 to §7.3.5.18). */
import {
  type Codec,
  join,
  list,
  named,
  optional,
  pad,
  perVersion,
  rest,
  sized,
  struct,
  text,
  u8,
  u32,
  u64,
} from '../codec.js'
import { properties, property } from '../properties.js'
import { empty, kind, multipart } from './kind.js'

/** OFPTC_*. */
export const TableConfig = { eviction: 4, vacancyEvents: 8 } as const

/** Per cent of free space at which the switch reports; `vacancy` is the present one. */
const vacancy = struct({ down: u8, up: u8, vacancy: optional(u8, 0), _: pad(1) })
const tableProperties = properties({ eviction: property(2, u32), vacancy: property(3, vacancy) })

const tableMod14 = join(struct({ table: u8, _: pad(3), config: u32 }), tableProperties)
type TableModBody = ReturnType<typeof tableMod14.decode>
const tableMod13: Codec<TableModBody> = struct({ table: u8, _: pad(3), config: u32 })

export const tableMod = kind(
  'tableMod',
  17,
  perVersion((version) => (version === 4 ? tableMod13 : tableMod14)),
)

const tableDesc = sized(join(struct({ _0: pad(2), table: u8, _1: pad(1), config: u32 }), tableProperties))

export const [tableDescRequest, tableDescReply] = multipart(
  'tableDesc',
  [{ multipart: 14, first: 5 }],
  empty,
  struct({ tables: list(tableDesc) }),
)

export const tableStatus = kind(
  'tableStatus',
  [{ type: 31, first: 5 }],
  struct({ reason: named(u8, { vacancyDown: 3, vacancyUp: 4 }), _: pad(7), desc: tableDesc }),
)

export const [tableStatsRequest, tableStatsReply] = multipart(
  'tableStats',
  3,
  empty,
  struct({ tables: list(struct({ table: u8, _: pad(3), active: u32, lookups: u64, matches: u64 })) }),
)

const tableIds = list(u8)

/** What a table can do: instructions and actions as their encoded headers, next tables as ids, fields as OXM headers. */
const featureProperties = properties({
  instructions: property(0, rest),
  instructionsMiss: property(1, rest),
  nextTables: property(2, tableIds),
  nextTablesMiss: property(3, tableIds),
  writeActions: property(4, rest),
  writeActionsMiss: property(5, rest),
  applyActions: property(6, rest),
  applyActionsMiss: property(7, rest),
  match: property(8, rest),
  wildcards: property(10, rest),
  writeSetField: property(12, rest),
  writeSetFieldMiss: property(13, rest),
  applySetField: property(14, rest),
  applySetFieldMiss: property(15, rest),
})

const tableFeatures = sized(
  join(
    struct({
      _0: pad(2),
      table: u8,
      /** Since OpenFlow 1.5; before it is always to replace. */
      command: named(u8, { replace: 0, modify: 1, enable: 2, disable: 3 }),
      /** OFPTFF_*; since OpenFlow 1.5. */
      features: optional(u32, 0),
      name: text(32),
      metadataMatch: u64,
      metadataWrite: u64,
      /** {@link TableConfig}. */
      capabilities: u32,
      maxEntries: u32,
    }),
    featureProperties,
  ),
)
/** What a table can do (OpenFlow 1.5.1, §7.3.5.18). */
export type TableFeatures = ReturnType<typeof tableFeatures.decode>

/** An empty request reads; one with tables sets them. */
export const [tableFeaturesRequest, tableFeaturesReply] = multipart(
  'tableFeatures',
  12,
  struct({ tables: list(tableFeatures) }),
  struct({ tables: list(tableFeatures) }),
)
