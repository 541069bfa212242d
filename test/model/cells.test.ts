import test from 'ava'
import { forget, remember } from '../../src/model/cell.js'
import { Cells } from '../../src/model/cells.js'
import { RowCell } from '../../src/model/table.js'

const filled = () => new Cells(() => new RowCell<string>())

test('a cell is the same for as long as something is in it or somebody reads it', (t) => {
  const cells = filled()
  const cell = cells.at('a')
  const reader = { cells: [] }
  remember(reader, [cell])
  cells.dropIdle('a')
  t.is(cells.at('a'), cell)
  cell.row = 'here'
  forget(reader)
  cells.dropIdle('a')
  t.is(cells.get('a'), cell)
  cell.row = undefined
  cells.dropIdle('a')
  t.is(cells.get('a'), undefined)
})

test('what readers leave behind does not pile up', (t) => {
  const cells = filled()
  cells.at('row').row = 'here'
  const reader = { cells: [] }
  remember(reader, [cells.at('read')])
  let most = 0
  for (let n = 0; n < 20_000; n++) {
    const passing = { cells: [] }
    remember(passing, [cells.at(`n${n}`)])
    forget(passing)
    cells.sweep()
    most = Math.max(most, cells.size)
  }
  t.true(most <= 1010, `${most}`)
  t.is(cells.get('row')?.row, 'here')
  t.is(cells.get('read')?.readers.size, 1)
})
