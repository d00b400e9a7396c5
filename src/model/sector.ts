// Sectors of the catalogue and the kinds of problem a person can report in each.

/** Problem kinds accepted for every sector (the contract of `POST /api/v1/reports`). */
export const PROBLEMS = ['down', 'login', 'slow', 'payment', 'app', 'website', 'connection', 'other'] as const;
export type Problem = (typeof PROBLEMS)[number];

export const SECTORS = {
  social: 'Messages and social',
  video: 'Video and music',
  games: 'Games',
  shops: 'Shops and food',
  money: 'Money',
  'public-services': 'Public services',
  travel: 'Travel',
  health: 'Health',
  learning: 'Learning',
  news: 'News',
  work: 'Work tools',
  developer: 'Developer services',
  ai: 'AI assistants',
  home: 'Home devices',
  telecom: 'Phone and internet',
  infrastructure: 'Infrastructure',
} as const;
export type Sector = keyof typeof SECTORS;

/** The problems offered first on a service's report form; the API takes every kind everywhere. */
export const SECTOR_PROBLEMS: Readonly<Record<Sector, readonly Problem[]>> = {
  social: ['down', 'login', 'app', 'website', 'slow', 'other'],
  video: ['down', 'app', 'login', 'slow', 'website', 'other'],
  games: ['connection', 'login', 'down', 'slow', 'app', 'other'],
  shops: ['website', 'payment', 'app', 'login', 'down', 'other'],
  money: ['login', 'payment', 'app', 'website', 'down', 'other'],
  'public-services': ['website', 'login', 'payment', 'down', 'slow', 'other'],
  travel: ['website', 'app', 'payment', 'login', 'down', 'other'],
  health: ['website', 'login', 'app', 'down', 'slow', 'other'],
  learning: ['login', 'website', 'app', 'slow', 'down', 'other'],
  news: ['website', 'app', 'down', 'login', 'slow', 'other'],
  work: ['down', 'login', 'slow', 'app', 'website', 'other'],
  developer: ['down', 'connection', 'slow', 'login', 'website', 'other'],
  ai: ['down', 'slow', 'login', 'app', 'website', 'other'],
  home: ['down', 'app', 'connection', 'login', 'slow', 'other'],
  telecom: ['connection', 'slow', 'down', 'app', 'website', 'other'],
  infrastructure: ['down', 'connection', 'slow', 'login', 'website', 'other'],
};
