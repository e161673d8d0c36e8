// What lies over the page: as long as anything does, the lists behind it neither scroll nor show a bar.
let covers = 0

function mark(): void {
  document.documentElement.toggleAttribute('data-covered', covers > 0)
}

/** The page is covered until the function that this gives is called. */
export function cover(): () => void {
  covers += 1
  mark()
  return () => {
    covers -= 1
    mark()
  }
}
