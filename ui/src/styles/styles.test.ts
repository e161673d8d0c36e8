import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

// Every screen's sheet is in the one bundle, so a rule that names nothing of the screen's own lays out all of them.
// What all share stands in `styles` and `parts`.
const SHARED = ['head', 'foot', 'row', 'btn', 'tab', 'tabs', 'tbl', 'panel', 'input', 'field', 'sheet', 'end', 'note', 'clip', 'num', 'small', 't2', 't3', 'i']

/** The rules of a sheet that are made of shared classes alone. */
function stray(sheet: string): string[] {
  const selectors = [...sheet.replace(/\/\*[^]*?\*\//g, '').matchAll(/([^{}]+)\{/g)].map((match) => match[1]!.trim())
  return selectors.filter((selector) => {
    if (selector.startsWith('@')) return false
    const classes = [...selector.matchAll(/\.([\w-]+)/g)].map((match) => match[1]!)
    return classes.length > 0 && classes.every((name) => SHARED.includes(name))
  })
}

it('tells a rule of one screen from one of all', () => {
  expect(stray('.head h1 { flex: none; } .pay-head h1 { flex: none; } @media print { .foot .t2, .foot { top: 0; } } .set-form > .head { top: 0; }')).toEqual(['.head h1', '.foot .t2, .foot'])
})

const screens = readdirSync('src/screens', { withFileTypes: true }).filter((one) => one.isDirectory())
it.each(screens.map((one) => one.name))('%s lays out no other screen', (screen) => {
  const sheets = readdirSync(`src/screens/${screen}`).filter((file) => file.endsWith('.css'))
  expect(sheets.flatMap((file) => stray(readFileSync(`src/screens/${screen}/${file}`, 'utf8')))).toEqual([])
})
