"""The closed-class words that `vocero.text.readings` needs, as patterns, one set a language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from vocero.text.cues import function_words

_SETS = {
    "es": dict(
        possessives="su sus",
        bare=False,
        droppable="que de",
        first_person=r"me|nos|mi|mis|nuestro|nuestra|nuestros|nuestras|yo|nosotros|nosotras|\w{2,}[aeié]mos|creo|sé|tengo|soy|estoy|quiero|puedo|pienso|espero|hemos|he",
        possible=r"puede|pueden|podría|podrían|podrá|podrán|posible|posiblemente|quizá|quizás|tal vez|probable|probablemente|pudiera|podía|podían|eventual",
        future=r"\w+(?:ará|erá|irá|arán|erán|irán|drá|drán|brá|brán|rrá|rrán)|va a|van a",
        dates=r"(?:el |este |del |en )?(?:pasado |próximo )?(?:mes de )?(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)(?: de \d{4})?|(?:el|este|del|al) (?:pasado )?(?:lunes|martes|miércoles|jueves|viernes|sábado|domingo)|ayer|hoy|mañana|anoche|(?:esta|la|próxima) (?:pasada |próxima )?semana(?: pasada| que viene)?|est[ea] (?:mes|año)|el (?:mes|año) pasado|los próximos \w+|los últimos \w+|\d{1,2} de (?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)(?: de \d{4})?",
        heads="lo la el los las todo",
        before="de|en|a",
        coordinated=r"y|e|pero|aunque|mientras(?: que)?|a la vez que|sino que",
        relative=r"lo que|lo cual|algo que|cosa que",
        as_=r"según|tal y? ?como|como|así lo|conforme",
        subordinate=r"cuando|aunque|tras|si|mientras|después de|antes de|en cuanto a|en respuesta|en referencia|además|sin embargo|por su parte|no obstante|asimismo|por otro lado|por otra parte|al|para|desde|durante|luego de|en|con|según|sobre|a",
        adverbs=r"\w+mente|ayer|hoy|mañana|anoche|asimismo|además|también|tampoco|ya|no|sin embargo|por su parte|no obstante|luego|posteriormente|finalmente|así|después|antes|entonces|más|aún|todavía|sólo|solo|incluso|allí|aquí|se|le|les|lo|la|los|las|me|nos|te|y|e|o|ni|pero|sino|que",
        times=r"ayer|hoy|mañana|anoche|(?:est[ea]|el|la|los|las)(?: (?:pasad[oa]s?|mism[oa]|próxim[oa]))?(?: pasad[oa]s?)? (?:lunes|martes|miércoles|jueves|viernes|sábado|domingo|mes|año|semana|mañana|tarde|noche|día|víspera)(?: pasad[oa])?(?: de \w+)?|\w+mente|también|después|luego|antes|posteriormente|entonces|recientemente|asimismo|además|por su parte|en su \w+|hace [^,]{1,15}?(?:días|meses|años|semanas)|el \d+ de \w+",
        to=r"(?:a|al|ante)(?: (?:los|las|la|el|un|una|este|esta|su|sus))? (?:periodistas|medios|prensa|\w*radio|televisión|cadena|agencia|diario|periódico|público|[A-ZÁÉÍÓÚÑ][\w.-]*)(?: [A-ZÁÉÍÓÚÑ][\w.-]*)*",
        phrases=r"en|a|al|durante|tras|sobre|ante|por|para|con|desde|entre|según|mientras|cuando|aunque|si|sin|hasta|contra|mediante|bajo|porque|como|donde",
        after=r"en (?:una?|el|la|su|sus|un|declaraciones|rueda|entrevista|conferencia|referencia|relación)|a (?:los|las|la|este|esta|periodistas|través|propósito)|al|durante|tras|sobre|ante|por|después|antes|para|desde|cuando|mientras|con motivo|luego|y (?:añad|agreg|subray|señal|explic|advirt|asegur|pidi|negó|dijo)\w*|como|según",
        opener=r"que|quien|quienes|y|e|pero|aunque|mientras|porque|cuando|donde|si|sino|pues|como|cuyo|cuya",
        relatives=r"que|quien|quienes|(?:el|la|los|las) (?:que|cual|cuales)",
        det=r"el|la|los|las|un|una|unos|unas|su|sus|otro|otra|varios|varias|algunos|algunas|muchos|este|esta|ese|esa|ambos|otros|otras|dos|tres",
        bare_subject=r"funcionarios|fuentes|portavoces|expertos|analistas|testigos|autoridades|miembros|responsables|medios|vecinos|dirigentes",
        gerund=r"ndo(?:se|lo|le|les)?",
    ),
    "en": dict(
        possessives="his her its their",
        bare=True,
        droppable="that",
        first_person=r"i|we|my|our|us|me|mine|ours",
        possible=r"may|might|could|can|possible|possibly|perhaps|maybe|likely|probably",
        future=r"will|won't|shall|is going to|are going to",
        dates=r"(?:last |next |in |on )?(?:January|February|March|April|May|June|July|August|September|October|November|December)(?: \d{1,2})?(?:,? \d{4})?|(?:on |last |next )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|yesterday|today|tomorrow|(?:this|last|next) (?:week|month|year|quarter|spring|summer|autumn|fall|winter)",
        heads="all",
        before="of|in|to",
        coordinated=r"and|but|while|although|whereas",
        relative=r"something|which|what",
        as_=r"as|according",
        subordinate=r"when|although|though|after|before|if|while|as|in|on|at|with|for|since|however|meanwhile|during|by|asked|despite",
        adverbs=r"\w+ly|yesterday|today|tomorrow|tonight|also|however|meanwhile|then|later|earlier|not|never|still|even|just|too|so|and|but|or|that|has|have|had|was|were|is|are|would|will|could|to|once|again|repeatedly|n't|there",
        times=r"yesterday|today|tonight|on (?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)(?: \w+)?|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|last (?:week|month|year|night|\w+day)|this (?:week|month|year|morning)|earlier(?: this \w+)?|later|also|again|\w+ly",
        to=r"(?:to )?(?:the )?(?:reporters|journalists|[A-Z][\w.]*(?: [A-Z][\w.]*)*)(?= that)",
        phrases=r"on|in|at|during|after|before|by|to|for|with|since|from|of|about|when|while|as|if|because|under|over|against|despite|of",
        after=r"yesterday|today|tonight|on|in|at|during|after|before|to|for|with|since|from|by|about|when|while|as|last|this week|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|earlier|later|adding|and",
        opener=r"that|which|who|and|but|while|because|when|where|if|although|as|whether|than|or|so",
        relatives=r"who|which|that",
        det=r"the|a|an|his|her|their|some|several|many|one|two|other|both|most",
        bare_subject=r"officials|sources|analysts|experts|critics|aides",
        gerund=r"ing",
    ),
    "de": dict(
        possessives="sein seine seinen seiner seinem ihr ihre ihren ihrer ihrem",
        bare=True,
        droppable="dass daß",
        first_person=r"ich|wir|mein|meine|unser|unsere|uns|mich|mir",
        possible=r"kann|können|könnte|könnten|möglich|möglicherweise|vielleicht|wahrscheinlich|dürfte|dürften",
        future=r"wird|werden|werde",
        dates=r"(?:im |Anfang |Ende |Mitte )?(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)(?: \d{4})?|am (?:Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag)|gestern|heute|morgen|(?:diese|letzte|nächste|vergangene)[nrs]? (?:Woche|Monat|Jahr)",
        heads="",
        before="davon|darauf|dafür|darin|dazu|daran|damit|darüber",
        coordinated=r"und|aber|während|doch|sondern",
        relative=r"was|wogegen",
        as_=r"wie|so|laut|nach",
        subordinate=r"als|obwohl|nachdem|bevor|wenn|während|da|in|am|im|nach|bei|zur|zum|außerdem|jedoch|zudem|mit|auf|an|für|unter",
        adverbs=r"gestern|heute|morgen|auch|jedoch|zudem|außerdem|dabei|dort|so|dann|nicht|sich|ebenfalls|weiter|ferner|hingegen|dagegen|und|aber|oder|dass|es|hat|habe|haben|hatte|ist|sei|wurde|wird",
        times=r"gestern|heute|am (?:Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag)(?:\w+)?|auch|zudem|jedoch|weiter|ferner|unterdessen|bereits|zuvor|später|anschließend|daraufhin|außerdem|ebenfalls",
        to=r"gegenüber (?:der|dem|den) [\w„“-]+(?: [A-Z][\w„“-]*)*",
        phrases=r"am|im|in|nach|vor|bei|zu|zum|zur|mit|auf|aus|an|gegenüber|unter|von|vom|für|durch|wegen|trotz|als|wenn|weil|wie|ob",
        after=r"gestern|heute|am|im|in|nach|vor|bei|zum|zur|mit|auf|aus|an|gegenüber|während|dazu|auch|zudem|weiter|jedoch|sich|nicht|bereits|und|mit",
        opener=r"dass|daß|und|aber|während|weil|wenn|ob|wie|als|denn|da|sondern",
        relatives=r"der|die|das|welcher|welche",
        det=r"der|die|das|ein|eine|einige|mehrere|viele|sein|seine|ihr|ihre",
        bare_subject=r"Experten|Beobachter|Kritiker",
        gerund=r"(?!)",
    ),
}
_NONE = r"(?!)"


@dataclass(frozen=True, slots=True)
class Grammar:
    complementisers: frozenset[str]
    relative_heads: frozenset[str]
    before_complementiser: re.Pattern[str]
    coordinated: re.Pattern[str]
    relative: re.Pattern[str]
    as_: re.Pattern[str]
    subordinate: re.Pattern[str]
    empty: re.Pattern[str]
    phrase: re.Pattern[str]
    skip: re.Pattern[str]
    after: re.Pattern[str]
    opener: re.Pattern[str]
    relative_pronoun: re.Pattern[str]
    determiner: re.Pattern[str]
    gerund: re.Pattern[str]
    subject: re.Pattern[str]
    addressee: re.Pattern[str]
    experiencer: re.Pattern[str]
    droppable: frozenset[str]
    first_person: re.Pattern[str]
    possible: re.Pattern[str]
    future: re.Pattern[str]
    dates: str
    bare_clauses: bool
    possessives: frozenset[str]


@cache
def grammar(language: str | None) -> Grammar:
    c = re.compile
    d = _SETS.get(language or "", None)
    if d is None:
        d = dict.fromkeys(next(iter(_SETS.values())), _NONE) | {"heads": "", "droppable": "", "possessives": "", "bare": False}
    return Grammar(
        frozenset(function_words(language).complementisers),
        frozenset(d["heads"].split()),
        c(rf"\b(?:{d['before']})\s+$"),
        c(rf"(?:[,;]\s*|,?\s+(?:{d['coordinated']})\s+(?:[^\s,]+\s+){{0,4}})$"),
        c(rf"\W*(?:{d['relative']})\b"),
        c(rf"\W*(?:{d['as_']})\b"),
        c(rf"\W*(?:{d['subordinate']})\b", re.IGNORECASE),
        c(rf"\W*(?:(?:{d['adverbs']})\b\W*)+$", re.IGNORECASE),
        c(rf"\W*(?:{d['phrases']})\b"),
        c(rf"\s*(?:(?:{d['times']}|{d['to']})\b\s*)+"),
        c(rf"\s(?:{d['after']})\b"),
        c(rf"\b(?:{d['opener']})\s+", re.IGNORECASE),
        c(rf"(?:{d['relatives']})\s*$"),
        c(rf"\W*(?:{d['det']})\s", re.IGNORECASE),
        c(rf"^\w+(?:{d['gerund']})$"),
        c(rf"\W*(?:(?:{d['det']}|{d['bare_subject']})\s|[A-ZÁÉÍÓÚÑÄÖÜ0-9])"),
        c(rf"\s*({d['to']})\b"),
        c(r"\W*A (.+?) les? *$" if language == "es" else _NONE),
        frozenset(d["droppable"].split()),
        c(rf"(?<!\w)(?:{d['first_person']})(?!\w)", re.IGNORECASE),
        c(rf"(?<!\w)(?:{d['possible']})(?!\w)", re.IGNORECASE),
        c(rf"(?<!\w)(?:{d['future']})(?!\w)", re.IGNORECASE),
        d["dates"],
        d["bare"],
        frozenset(d["possessives"].split()),
    )
