// The page's policy takes styles from its own files alone, and CodeMirror writes a <style> element while it runs. The
// same rules as a sheet made by script are no inline style: that is how they are mounted here.
import { StyleModule } from 'style-mod'

const sheets = new Map<StyleModule, CSSStyleSheet>()

function sheetOf(module: StyleModule): CSSStyleSheet {
  const known = sheets.get(module)
  if (known) return known
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(module.getRules())
  sheets.set(module, sheet)
  return sheet
}

/** Rules of a later module count for more, as in the original. */
function mount(root: Document | ShadowRoot, modules: StyleModule | readonly StyleModule[]): void {
  const ours = (Array.isArray(modules) ? modules : [modules]).map(sheetOf)
  if (ours.every((sheet) => root.adoptedStyleSheets.includes(sheet))) return
  root.adoptedStyleSheets = [...root.adoptedStyleSheets.filter((sheet) => !ours.includes(sheet)), ...ours]
}

// A browser that has none of it, such as that of the unit tests, keeps the original.
if ('adoptedStyleSheets' in document) StyleModule.mount = mount
