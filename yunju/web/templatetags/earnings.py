"""What a commission rule means in money."""

from django import template

from yunju.web.cards import earning

register = template.Library()
register.filter(earning)
