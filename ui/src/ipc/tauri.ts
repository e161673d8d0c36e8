// The only file that knows Tauri.
import { invoke } from '@tauri-apps/api/core'
import { listen } from '@tauri-apps/api/event'
import { isError, type Host } from './host'

export const tauri: Host = {
  async call(command, args) {
    try {
      return await invoke(command, args)
    } catch (error) {
      if (isError(error)) throw error
      // A command that could not even be called is a fault of ours; what it says is kept for the report.
      const text = String(error)
      throw { code: 'internal', exit: 'here', err_code: null, number: null, field: null, zh: text, en: text }
    }
  },
  on(event, hear) {
    let stop: (() => void) | null = null
    let stopped = false
    void listen(event, (message) => hear(message.payload as never)).then((unlisten) => {
      if (stopped) unlisten()
      else stop = unlisten
    })
    return () => {
      stopped = true
      stop?.()
    }
  },
}
