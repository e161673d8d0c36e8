// A file as text: UTF-8, or GBK as older systems in China write it. Nothing of it is kept.
import type { Key } from '../../lib/i18n.svelte'
import { MOST } from './shape'

export async function readFile(file: Blob): Promise<{ text: string | null; trouble: Key | null }> {
  if (file.size > MOST) return { text: null, trouble: 'ui.workbench.file.too_large' }
  try {
    return decode(await file.arrayBuffer())
  } catch {
    return { text: null, trouble: 'ui.workbench.file.unread' }
  }
}

export function decode(bytes: ArrayBuffer): { text: string | null; trouble: Key | null } {
  try {
    // A byte order mark stays: it is one of the things to be seen.
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), trouble: null }
  } catch {
    return { text: new TextDecoder('gbk').decode(bytes), trouble: 'ui.workbench.file.gbk' }
  }
}
