// Two short tones, made here: no file, nothing fetched.
let audio: AudioContext | null = null

/** Sound is only allowed after a person did something: to be called from a click. */
export function wake(): void {
  if (typeof AudioContext === 'undefined') return
  audio ??= new AudioContext()
  void audio.resume().catch(() => {})
}

export function beep(): void {
  if (!audio || audio.state !== 'running') return
  const begin = audio.currentTime
  for (const [at, hertz] of [[0, 880], [0.14, 1174.66]] as const) {
    const tone = audio.createOscillator()
    const loud = audio.createGain()
    tone.frequency.value = hertz
    loud.gain.setValueAtTime(0.0001, begin + at)
    loud.gain.exponentialRampToValueAtTime(0.25, begin + at + 0.02)
    loud.gain.exponentialRampToValueAtTime(0.0001, begin + at + 0.18)
    tone.connect(loud).connect(audio.destination)
    tone.start(begin + at)
    tone.stop(begin + at + 0.2)
  }
}
