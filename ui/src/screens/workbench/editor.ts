// The editor, apart from Svelte: it takes anything, shows what is invisible, and gives the text back unchanged.
import './styles'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { xml } from '@codemirror/lang-xml'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { Compartment, EditorState, StateEffect, StateField, type Extension } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, highlightSpecialChars, keymap, lineNumbers, placeholder } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { pieces } from '../../lib/foreign'
import { syntaxOf, type LineMark } from './shape'

export interface Words {
  label: string
  placeholder: string
}

export interface Listeners {
  /** What it holds now, and whether that came at once (pasted, dropped, undone). */
  changed: (text: string, atOnce: boolean) => void
  /** Ctrl or Cmd with Enter. */
  enter: () => void
}

export interface Editor {
  text: () => string
  /** Another text in place of what is there; it can be undone. */
  replace: (text: string) => void
  mark: (lines: LineMark[]) => void
  say: (words: Words) => void
  /** Shows a line, from 1, and puts the cursor there. */
  reveal: (line: number) => void
  focus: () => void
  destroy: () => void
}

/** Beyond what CodeMirror marks: the same characters as in every stranger's text of this window. */
const HIDDEN = /[\u00a0\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000\u2001\u2004-\u200f\u2028-\u202f\u205f-\u206f\u3164\ufe00-\ufe0e\uffa0\ufff0-\ufffd]|[\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/u

function markOf(code: number): HTMLElement {
  const mark = document.createElement('span')
  mark.className = 'ctl'
  mark.textContent = mark.title = pieces(String.fromCodePoint(code))[0]?.mark ?? `U+${code.toString(16).toUpperCase()}`
  return mark
}

const colours = HighlightStyle.define([
  { tag: [tags.angleBracket, tags.tagName, tags.propertyName], class: 'x-t' },
  { tag: [tags.comment, tags.processingInstruction, tags.documentMeta, tags.punctuation], class: 'x-c' },
])

const setMarks = StateEffect.define<LineMark[]>()
const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(old, transaction) {
    let now = old.map(transaction.changes)
    for (const effect of transaction.effects) {
      if (!effect.is(setMarks)) continue
      const { doc } = transaction.state
      const there = effect.value.filter(({ line }) => line >= 1 && line <= doc.lines)
      now = Decoration.set(there.map(({ line, look }) => Decoration.line({ class: `wb-line-${look}` }).range(doc.line(line).from)), true)
    }
    return now
  },
  provide: (field) => EditorView.decorations.from(field),
})

// No tag is closed by itself: what is judged is what somebody typed.
const SYNTAX: Record<string, () => Extension> = { xml: () => xml({ autoCloseTags: false }), json: () => json(), none: () => [] }

export function edit(parent: HTMLElement, text: string, words: Words, listeners: Listeners): Editor {
  const syntax = new Compartment()
  const said = new Compartment()
  let spoken = syntaxOf(text)
  const saying = (words: Words) => [placeholder(words.placeholder), EditorView.contentAttributes.of({ 'aria-label': words.label })]
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        // A carriage return may have been signed: it stays, and is seen.
        EditorState.lineSeparator.of('\n'),
        history(),
        lineNumbers(),
        EditorView.lineWrapping,
        highlightSpecialChars({ render: markOf, addSpecialChars: HIDDEN }),
        syntaxHighlighting(colours),
        marks,
        syntax.of(SYNTAX[spoken]!()),
        said.of(saying(words)),
        EditorView.contentAttributes.of({ tabindex: '0', spellcheck: 'false', autocorrect: 'off', autocapitalize: 'off', translate: 'no' }),
        keymap.of([
          { key: 'Mod-Enter', run: () => (listeners.enter(), true) },
          ...historyKeymap,
          ...defaultKeymap.filter((binding) => binding.key !== 'Mod-Enter'),
        ]),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return
          const now = update.state.sliceDoc()
          const other = syntaxOf(now)
          if (other !== spoken) {
            spoken = other
            view.dispatch({ effects: syntax.reconfigure(SYNTAX[other]!()) })
          }
          const typed = update.transactions.every((one) => one.isUserEvent('input.type') || one.isUserEvent('delete'))
          listeners.changed(now, !typed)
        }),
      ],
    }),
  })
  return {
    text: () => view.state.sliceDoc(),
    replace: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: view.state.toText(next) }, selection: { anchor: 0 }, scrollIntoView: true }),
    mark: (lines) => view.dispatch({ effects: setMarks.of(lines) }),
    say: (words) => view.dispatch({ effects: said.reconfigure(saying(words)) }),
    reveal(line) {
      const { doc } = view.state
      const at = doc.line(Math.min(Math.max(1, line), doc.lines)).from
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) })
      view.focus()
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  }
}
