// Every screen there is, in the rail's order. A screen that does not work yet has no place here.
import type { Component } from 'svelte'
import type { Key } from '../lib/i18n.svelte'
import { collect } from './collect'
import { overview } from './overview'
import { payments } from './payments'
import { refunds } from './refunds'
import { requests } from './requests'
import { settings } from './settings'
import { workbench } from './workbench'

export interface Screen {
  /** The first part of its address. */
  path: string
  label: Key
  icon: Component
  /** Under the line of the rail: for developers. At its foot: settings. */
  place: 'shop' | 'developer' | 'foot'
  /** A digit that goes there after `g`. */
  view: Component
}

export const screens: Screen[] = [overview, payments, refunds, collect, workbench, requests, settings]
