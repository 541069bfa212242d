import { existsSync, readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { DummyHost } from './dummy-host.js'

const intervalMs = 2
const pcapHead = 24
const recordHead = 16

/** A stream of frames into one port of a dummy switch, seen again in the capture of another. */
export class Wire {
  #socket: Socket | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(
    readonly host: DummyHost,
    readonly port: string,
    readonly frame: Buffer,
    readonly capture: string,
  ) {}

  /** Begins to send, and goes on when the switch has been away. */
  start(): void {
    const text = JSON.stringify({
      method: 'netdev-dummy/receive',
      params: [this.port, this.frame.toString('hex')],
      id: 0,
    })
    this.#timer = setInterval(() => {
      if (!this.#socket || this.#socket.destroyed) {
        this.#socket = this.host.control()
        this.#socket.on('error', () => this.#socket?.destroy())
        this.#socket.resume()
      }
      this.#socket.write(text)
    }, intervalMs)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#socket?.destroy()
  }

  /** When frames came out after `since`, both in milliseconds of the epoch. */
  arrivals(since: number): number[] {
    if (!existsSync(this.capture)) return []
    const bytes = readFileSync(this.capture)
    const times: number[] = []
    for (let at = pcapHead; at + recordHead <= bytes.length; at += recordHead + bytes.readUInt32LE(at + 8)) {
      const ms = bytes.readUInt32LE(at) * 1000 + bytes.readUInt32LE(at + 4) / 1000
      if (ms >= since) times.push(ms)
    }
    return times
  }
}

/** Milliseconds of the epoch, with a fraction. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now()
}

/** A UDP packet in an Ethernet frame; checksums are left out. */
export function udpFrame(
  source: { mac: string; ip: string },
  destination: { mac: string; ip: string },
): Buffer {
  const mac = (text: string) => text.split(':').map((byte) => Number.parseInt(byte, 16))
  const ip = (text: string) => text.split('.').map(Number)
  const head = [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0]
  return Buffer.from([
    ...[...mac(destination.mac), ...mac(source.mac), 0x08, 0x00],
    ...[...head, ...ip(source.ip), ...ip(destination.ip)],
    ...[0x10, 0, 0x20, 0, 0, 8, 0, 0],
  ])
}
