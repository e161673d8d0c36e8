// The verdict as one sentence and its proof as another, from what the program says.
import type { KeyUsed, VerifyView } from '../../ipc/generated'
import { t, word } from '../../lib/i18n.svelte'
import { count } from '../../lib/money'
import { contradicted, explanations, keyParts } from './shape'

export interface Told {
  title: string
  proof: string
  /** Both, for who hears it. */
  spoken: string
}

/** A key as people call it; never the key. */
export function keyName(key: KeyUsed, builtIn = 'simulated'): string {
  const { merchant, kind } = keyParts(key)
  const name = word('key', kind)
  if (merchant === null) return name
  return `${merchant === builtIn ? t('ui.merchant.built_in') : merchant} · ${name}`
}

/** Why: the simplest explanation, else the first thing that WeChat Pay would refuse. */
function why(view: VerifyView): string {
  const causes = explanations(view.causes)[0]
  if (causes) return causes.map((cause) => cause.message).join(t('ui.workbench.and'))
  const worst = view.findings.find((finding) => finding.severity === 'refused') ?? (view.verdict === 'valid' ? undefined : view.findings[0])
  return worst?.message ?? ''
}

function title(view: VerifyView): string {
  const reason = why(view)
  // A refund notice has no signature: that it opens is the proof.
  const notice = view.recognised === 'refund_notice' && ['valid', 'valid_but_refused', 'invalid'].includes(view.verdict)
  if (contradicted(view)) return word('verdict', 'contradicted')
  if (notice) return word('verdict.notice', view.verdict)
  if (view.verdict === 'valid') return word('verdict', 'valid')
  if (view.verdict === 'invalid') {
    if (view.causes.length > 0) return t('ui.workbench.invalid_because', { why: reason })
    return view.search?.ended ? t('ui.workbench.invalid_unfinished') : t('ui.workbench.invalid_unexplained', { count: count(view.keys_tried) })
  }
  if (view.presented === null && view.mistakes.length > 0) return t('ui.workbench.code_mistakes', { count: count(view.mistakes.length) })
  if (!reason) return word('verdict', view.verdict)
  return t('ui.workbench.verdict_because', { verdict: word('verdict', view.verdict), why: reason })
}

function proof(view: VerifyView): string {
  const key = view.key ? keyName(view.key) : ''
  const [first] = explanations(view.causes)
  if (first?.every((cause) => cause.proven)) {
    const digits = view.presented?.length ?? 0
    return key ? t('ui.workbench.proof.replayed_key', { digits, key }) : t('ui.workbench.proof.replayed', { digits })
  }
  if (['valid', 'valid_but_refused', 'ambiguous'].includes(view.verdict) && key) return t('ui.workbench.proof.key', { key, type: view.sign_type ?? '' })
  if (view.search) return t(view.search.ended ? 'ui.workbench.proof.search_ended' : 'ui.workbench.proof.searched', { tried: count(view.search.tried), keys: count(view.keys_tried) })
  return ''
}

export function told(view: VerifyView): Told {
  const said = { title: title(view), proof: proof(view) }
  return { ...said, spoken: [said.title, said.proof].filter(Boolean).join(t('ui.workbench.and')) }
}
