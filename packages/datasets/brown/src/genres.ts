/** The genres of the corpus, by whether they inform or imagine: Francis and Kucera's two halves. */
export const genres = {
  adventure: 'imaginative',
  belles_lettres: 'informative',
  editorial: 'informative',
  fiction: 'imaginative',
  government: 'informative',
  hobbies: 'informative',
  humor: 'imaginative',
  learned: 'informative',
  lore: 'informative',
  mystery: 'imaginative',
  news: 'informative',
  religion: 'informative',
  reviews: 'informative',
  romance: 'imaginative',
  science_fiction: 'imaginative',
} as const;

export type Genre = keyof typeof genres;
export const genreNames = Object.keys(genres) as Genre[];
export const kindNames = ['imaginative', 'informative'] as const;
