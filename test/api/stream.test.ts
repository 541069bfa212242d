import test from 'ava'
import { Subject } from 'rxjs'
import type { FlowEvent, Status } from '../../src/api/contract.js'
import type { Peer } from '../../src/api/peer.js'
import { streamEvents, TooSlowError } from '../../src/api/stream.js'
import { FakeController, flowView } from '../support/fake-controller.js'

/** A client that takes one text, and the next ones when it is told to. */
class SlowPeer implements Peer {
  readonly ended = new AbortController().signal
  readonly texts: string[] = []
  #release = () => {}

  async send(text: string): Promise<void> {
    this.texts.push(text)
    if (this.texts.length === 1) return
    await new Promise<void>((resolve) => {
      this.#release = resolve
    })
  }

  release(): void {
    this.#release()
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('a client that reads too slowly to keep all is told so', async (t) => {
  const peer = new SlowPeer()
  const events = new Subject<FlowEvent>()
  const streaming = streamEvents({ method: 'follow', subscription: 1, peer }, events, 'all')
  await turn()
  const event: FlowEvent = { event: 'added', flow: flowView() }
  events.next(event)
  await turn()
  t.is(peer.texts.length, 2)
  for (let n = 0; n < 100_001; n++) events.next(event)
  peer.release()
  await t.throwsAsync(streaming, { instanceOf: TooSlowError })
  t.is(peer.texts.length, 2)
  t.false(events.observed)
})

test('where only the latest counts, a slow client gets just that', async (t) => {
  const peer = new SlowPeer()
  const statuses = new Subject<Status>()
  const { current } = new FakeController()
  const streaming = streamEvents({ method: 'watch', subscription: 1, peer }, statuses, 'latest')
  await turn()
  statuses.next(current)
  await turn()
  for (let revision = 13; revision < 1000; revision++) statuses.next({ ...current, revision })
  statuses.complete()
  peer.release()
  await turn()
  peer.release()
  t.deepEqual(await streaming, { count: 2 })
  const revisions = peer.texts.flatMap((text) =>
    JSON.parse(text).params.items.map((status: Status) => status.revision),
  )
  t.deepEqual(revisions, [12, 999])
})
