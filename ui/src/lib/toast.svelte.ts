// A short word about what just happened, read out by screen readers.

export interface Toast {
  id: number
  text: string
  kind: 'good' | 'bad'
}

let toasts = $state.raw<Toast[]>([])
let next = 1

export const allToasts = (): Toast[] => toasts

export function toast(text: string, kind: Toast['kind'] = 'good', ms = kind === 'bad' ? 12_000 : 4_000): void {
  const id = next++
  toasts = [...toasts, { id, text, kind }].slice(-3)
  setTimeout(() => {
    toasts = toasts.filter((toast) => toast.id !== id)
  }, ms)
}

export function dismiss(id: number): void {
  toasts = toasts.filter((toast) => toast.id !== id)
}
