"""Components, template tags and formats shared by every page. It knows no domain beyond words, money and dates."""
