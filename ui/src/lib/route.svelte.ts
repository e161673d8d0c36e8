// Where the window is, in the address, so that back and forward work: `#/payments?state=paid&open=A001`.

export interface Route {
  path: string
  query: URLSearchParams
}

function read(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2)
  return { path: path || 'overview', query: new URLSearchParams(query) }
}

let route = $state.raw<Route>(read())
addEventListener('hashchange', () => {
  route = read()
})

export const here = (): Route => route

export function address(path: string, query: Record<string, string> | URLSearchParams = {}): string {
  const text = new URLSearchParams(query).toString()
  return `#/${path}${text ? `?${text}` : ''}`
}

/** Goes there; `replace` leaves no step back, as for every letter of a search. */
export function go(path: string, query: Record<string, string> | URLSearchParams = {}, replace = false): void {
  const to = address(path, query)
  if (to === location.hash) return
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  route = read()
}
addEventListener('popstate', () => {
  route = read()
})

/** The same place with some of its query changed; an empty value takes the name away. */
export function change(query: Record<string, string | null>, replace = false): void {
  const next = new URLSearchParams(route.query)
  for (const [name, value] of Object.entries(query)) {
    if (value) next.set(name, value)
    else next.delete(name)
  }
  go(route.path, next, replace)
}
