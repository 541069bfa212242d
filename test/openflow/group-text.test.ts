import test from 'ava'
import { numbering } from '../../src/openflow/fields/numbering.js'
import {
  fieldNames,
  ParseError,
  type ParseErrorCode,
  parseGroup,
  parseMeter,
} from '../../src/openflow/flow.js'
import { formatMessage } from '../../src/openflow/index.js'
import { groupTexts, groupTexts15, meterTexts } from '../support/group-texts.js'

test('a group is a description with its buckets numbered', (t) => {
  t.deepEqual(
    parseGroup(
      'group_id=7,type=select,bucket=weight:5,actions=output:1,output:2,bucket=bucket_id:0,watch_port=LOCAL,actions=drop',
    ),
    {
      groupType: 'select',
      group: 7,
      buckets: [
        {
          id: 1,
          weight: 5,
          actions: [
            { type: 'output', port: 1 },
            { type: 'output', port: 2 },
          ],
        },
        { id: 0, weight: 1, watchPort: 0xfffffffe, actions: [] },
      ],
    },
  )
})

test('ports of groups go by name where names are given', (t) => {
  const names = new Map([['eth0', 3]])
  const { buckets } = parseGroup('group_id=1,type=ff,bucket=watch_port:eth0,actions=output:eth0', { names })
  t.is(buckets[0]?.watchPort, 3)
  t.deepEqual(buckets[0]?.actions, [{ type: 'output', port: 3 }])
})

test('what is printed of groups reads as what was printed', (t) => {
  for (const text of [...groupTexts, ...groupTexts15]) {
    const print = (groupText: string): string =>
      formatMessage({ type: 'groupDescReply', xid: 0, groups: [parseGroup(groupText)] }, 6).split('\n')[1] ??
      ''
    const line = print(`group_id=1,${text}`)
    t.true(line.includes('group_id=1'), text)
    t.is(print(line), line)
  }
})

test('a meter is its flags and bands', (t) => {
  t.deepEqual(
    parseMeter(
      'meter=3 kbps burst bands= type=drop rate=10 burst_size=5 type=dscp_remark,rate=7,burst_size=2,prec_level=1',
    ),
    {
      flags: 5,
      meter: 3,
      bands: [
        { type: 'drop', rate: 10, burst: 5 },
        { type: 'dscpRemark', rate: 7, burst: 2, precedence: 1 },
      ],
    },
  )
  t.is(parseMeter('meter=controller pktps bands=type=drop rate=1').meter, 0xfffffffe)
  for (const text of meterTexts) t.is(parseMeter(`meter=1 ${text}`).bands.length, 1)
})

const wrong: readonly (readonly [text: string, code: ParseErrorCode, offset: number])[] = [
  ['type=all', 'missing', 0],
  ['group_id=1', 'missing', 0],
  ['group_id=x,type=all', 'bad-value', 9],
  ['group_id=0xffffff01,type=all', 'bad-value', 9],
  ['group_id=1,type=some', 'bad-value', 16],
  ['group_id=1,type=all,color=red', 'unknown-field', 20],
  ['group_id=1,type=all,bucket=weight:1,actions=output:1', 'conflict', 0],
  ['group_id=1,type=ff,bucket=actions=output:1', 'missing', 0],
  ['group_id=1,type=indirect,bucket=output:1,bucket=output:2', 'conflict', 0],
  ['group_id=1,type=select,bucket=weight:70000,actions=output:1', 'bad-value', 37],
  ['group_id=1,type=all,bucket=weight:0', 'missing', 27],
  ['group_id=1,type=all,bucket=actions=fly', 'unknown-action', 35],
  ['group_id=1,type=select,fields=ip_src', 'missing', 23],
  ['group_id=1,type=select,selection_method=dp_hash,fields=ip_src', 'conflict', 48],
  ['group_id=1,type=select,selection_method=hash,fields(ip_src,ip_src)', 'conflict', 59],
  ['group_id=1,type=select,selection_method=sixteen_letters_', 'bad-value', 40],
]

for (const [text, code, offset] of wrong)
  test(`group "${text}" is refused where it is wrong`, (t) => {
    const error = t.throws(() => parseGroup(text), { instanceOf: ParseError })
    t.deepEqual([error?.code, error?.offset], [code, offset])
  })

const wrongMeters: readonly (readonly [text: string, code: ParseErrorCode, offset: number])[] = [
  ['meter=1 kbps', 'missing', 0],
  ['kbps bands=type=drop rate=1', 'missing', 0],
  ['meter=1 bands=type=drop rate=1', 'missing', 0],
  ['meter=0 kbps bands=type=drop rate=1', 'bad-value', 6],
  ['meter=1 kbps bands=rate=1', 'syntax', 19],
  ['meter=1 kbps bands=', 'missing', 19],
  ['meter=1 kbps bands=type=drop', 'missing', 19],
  ['meter=1 kbps bands=type=fly rate=1', 'bad-value', 24],
  ['meter=1 kbps bands=type=drop rate=1 burst_size=5', 'conflict', 47],
  ['meter=1 kbps bands=type=drop rate=1 prec_level=5', 'conflict', 47],
  ['meter=1 kbps bands=type=drop rate=1 speed=5', 'unknown-field', 36],
  ['meter=1 mbps bands=type=drop rate=1', 'unknown-field', 8],
]

for (const [text, code, offset] of wrongMeters)
  test(`meter "${text}" is refused where it is wrong`, (t) => {
    const error = t.throws(() => parseMeter(text), { instanceOf: ParseError })
    t.deepEqual([error?.code, error?.offset], [code, offset])
  })

test('every field has a number of its own, the order of lists of fields', (t) => {
  t.deepEqual([...numbering].sort(), [...fieldNames].sort())
})
