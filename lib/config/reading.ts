import en from 'zod/v4/locales/en.js';

/** How every value is checked: faults show what was found, and zod's own words are English whatever language the application gives it. */
export const reading = { reportInput: true, error: en().localeError };
