// How much a hit counts in the search: Sphinx's points, but fewer for a part of a name. With Sphinx's own,
// "LP-FT" leads to every name that contains "lp" and "ft", such as helpers.data.shifts.
var Scorer = {
  score: ([page, , , , points]) => points + (page.startsWith("notebooks/") ? 1 : 0), // before pages with equal points
  objNameMatch: 16, // the name is equal to the term
  objPartialMatch: 1,
  objPrio: {}, // by itself, a function or class has no advantage over a text
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
