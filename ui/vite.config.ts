/// <reference types="vitest/config" />
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { svelteTesting } from '@testing-library/svelte/vite'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

// The window's share of the words that it has in common with the command line.
const WORDS = /^((ui|state|trade_type|operation|environment|key_kind|merchant\.check|recognised|verdict|left_out|key)\.|ask\.accept$)/

function words(): Plugin {
  const file = (id: string) => fileURLToPath(new URL(`../locales/${id.replace('virtual:words/', '')}.json`, import.meta.url))
  return {
    name: 'words',
    resolveId: (id) => (id.startsWith('virtual:words/') ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith('\0virtual:words/')) return
      const path = file(id.slice(1))
      this.addWatchFile(path)
      const all = Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>)
      return `export default ${JSON.stringify(Object.fromEntries(all.filter(([key]) => WORDS.test(key))))}`
    },
  }
}

export default defineConfig({
  base: './',
  plugins: [svelte(), svelteTesting(), words()],
  build: {
    target: ['es2022', 'safari17'],
    // The page's policy allows no inline script.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/test-setup.ts'],
  },
})
