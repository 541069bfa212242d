import { createHash } from 'node:crypto'

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 64rem; padding: 0 1rem }
h1 { font-size: 1.3rem; margin-bottom: 0 }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .25rem 1rem .25rem 0; border-bottom: 1px solid #8884; vertical-align: top }
td:nth-child(n+4), th:nth-child(n+4) { text-align: right; font-variant-numeric: tabular-nums }
.good { color: #2a8a3c } .bad { color: #d0342c } .warn { color: #b07400 }
pre { white-space: pre-wrap }
[hidden] { display: none }`

const script = `
'use strict'
const byId = (id) => document.getElementById(id)
const element = (name, text, kind) => {
  const made = document.createElement(name)
  made.textContent = text
  if (kind) made.className = kind
  return made
}
const say = (text, kind) => {
  byId('state').textContent = text
  byId('state').className = kind
}
function show(status) {
  say('revision ' + status.revision + (status.converged ? ', converged' : ', not converged'), status.converged ? 'good' : 'warn')
  byId('problems').replaceChildren(
    ...(status.refused ? [element('pre', 'refused: ' + status.refused, 'bad')] : []),
    ...status.errors.map((e) => element('pre', e.file + ':' + e.line + ':' + e.column + ': error: ' + e.message + ' [' + e.code + ']', 'bad')),
    ...status.warnings.map((text) => element('pre', 'warning: ' + text, 'warn')))
  byId('hosts').replaceChildren(...status.hosts.map((host) => {
    const row = document.createElement('tr')
    row.append(
      element('td', host.name),
      element('td', (host.connected ? 'connected' : 'not connected') + (host.reason ? ': ' + host.reason : ''), host.connected ? 'good' : 'bad'),
      element('td', host.version || '-'),
      element('td', host.revision, host.revision < status.revision ? 'warn' : ''),
      element('td', host.flows === host.desired ? host.flows : host.flows + ' of ' + host.desired),
      element('td', host.repaired))
    return row
  }))
}
let token = ''
function connect() {
  const url = location.origin.replace(/^http/, 'ws') + '/rpc'
  const socket = new WebSocket(url, token ? ['sluice', 'bearer.' + token] : ['sluice'])
  let opened = false
  socket.onopen = () => {
    opened = true
    byId('login').hidden = true
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'watch', params: { subscription: 1 } }))
  }
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data)
    if (message.method === 'watch' && message.params.items.length > 0) show(message.params.items.at(-1))
    if (message.error) say(message.error.message, 'bad')
  }
  socket.onclose = () => {
    say('the controller does not answer', 'bad')
    if (!opened && location.protocol === 'https:') byId('login').hidden = false
    else setTimeout(connect, 2000)
  }
}
byId('login').onsubmit = (event) => {
  event.preventDefault()
  token = byId('token').value
  connect()
}
connect()`

/** The page: the status as it changes. It holds no data itself and loads nothing from elsewhere. */
export const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sluice</title>
<style>${style}</style>
<h1>Sluice</h1>
<p id="state">connecting</p>
<form id="login" hidden><label>Token <input id="token" type="password" autocomplete="off"></label> <button>Connect</button></form>
<div id="problems"></div>
<table>
<thead><tr><th>Host<th>State<th>OpenFlow<th>Revision<th>Flows<th>Repaired</tr></thead>
<tbody id="hosts"></tbody>
</table>
<script>${script}</script>
</html>
`

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Headers that let the page run its own script and style, speak to its own server, and nothing else. */
export const pagePolicy = {
  'content-security-policy': [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
}
