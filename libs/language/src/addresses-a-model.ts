/**
 * Whether a text talks to a language model instead of to people: "ignore the previous instructions", "you are now …", the marks of a chat protocol. Models are told that
 * texts are data and mostly keep to it. This is for the rest: such a text is still a submission, but it is not put before a model together with those of others.
 *
 * English and Persian, with the commonest phrase of a few other languages. A person may write such a sentence in earnest; all it costs them is that a group's summary is
 * made without their text.
 */
import { normalizeText } from './words.js';

const instructions = '(?:instructions?|prompts?|directions?|rules|guidelines|commands?|context|messages?|programming|constraints)';
const forget = '(?:ignore|disregard|forget|override|overrule|bypass|discard|skip|do not follow|don\'t follow|stop following|pay no attention to|cancel)';

const patterns: readonly RegExp[] = [
  // "ignore all previous instructions", "disregard the above rules", "forget everything you were told"
  new RegExp(`\\b${forget}\\b[^.!?\\n]{0,40}\\b(?:previous|prior|above|earlier|preceding|foregoing|initial|original|system|your|these|those|all|any)\\b[^.!?\\n]{0,30}\\b${instructions}\\b`, 'u'),
  new RegExp(`\\b${forget}\\b[^.!?\\n]{0,30}\\b(?:you (?:were|have been) (?:told|given|instructed)|(?:everything|anything|all) (?:above|before|you))`, 'u'),
  new RegExp(`\\b(?:new|updated|revised|real|actual|hidden|secret|urgent) (?:system )?${instructions}\\b[^.!?\\n]{0,20}(?::|follow|are|from)`, 'u'),
  // the model by name, by its parts, by its role
  /\b(?:system|developer|hidden|initial) (?:prompt|message)\b/u,
  /\byou are (?:now|no longer|from now on|actually) (?:a|an|the|in|not|my|free|called|acting|dan|evil|unrestricted|debug)\b/u,
  /\b(?:act|behave|respond|answer|reply|pretend|roleplay) (?:as if you|as (?:a|an|the) (?:ai|assistant|language model|system|administrator|root|linux|jailbroken|unfiltered|election)|like an ai)/u,
  /\b(?:as|dear|hey|hello|attention|note to(?: the)?|message to(?: the)?|to the|for the) (?:an? )?(?:ai|a\.i\.|llm|llms|gpt|chatgpt|claude|gemini|language models?|summari[sz]er|classifier|canonicali[sz]er)\b/u,
  /\b(?:ai|llm|gpt|language model|assistant|chatbot|classifier|summari[sz]er)(?: that is| who is)? (?:reading|processing|summari[sz]ing|reviewing) (?:this|these|my)\b/u,
  /\b(?:ai|llm|gpt|language model|assistant|chatbot|classifier|summari[sz]er),? please\b/u,
  /\b(?:developer|debug|maintenance|god|admin|jailbreak|sudo|dan) mode\b/u,
  // what is demanded of an answer
  /\b(?:print|repeat|reveal|show|output|display|leak|tell me|return|write out|translate|encode|echo)\b[^.!?\n]{0,40}\b(?:your|the|all|full|exact|entire|above|these)\b[^.!?\n]{0,20}\b(?:prompt|instructions|system message|rules you|configuration|api key|secret)/u,
  /\b(?:answer|reply|respond|output|return|say|write)(?: (?:only|exactly|just|simply|nothing but|with))+[^.!?\n]{0,30}(?:json|\{|"|'|“|a (?:title|summary|list)|the (?:word|text|string|following)|true|false|yes|approved)/u,
  /\b(?:set|mark|classify|rate|label|score|treat|report|make|give)\b[^.!?\n]{0,50}\b(?:is_valid_policy|confidence|stance|ambiguity_flags|candidates?|topic_words|rejection_reason|every (?:other )?(?:submission|concern|statement)|all (?:other )?(?:submissions|concerns|statements|options))\b/u,
  /\b(?:return|output|produce|emit|give|make) (?:\d+|a (?:hundred|thousand|million)) (?:candidates|options|titles|objects)\b/u,
  /\b(?:return|output|produce|emit|print|write) (?:valid |only |a |an |the )*json\b|\b__proto__\b/u,
  /\b(?:is_valid_policy|rejection_reason|ambiguity_flags|topic_words)\b/u,
  /\b(?:title|summary|question|label|option|first option|ballot question) (?:must|should|has to|is to|shall) (?:be|read|say|contain|include|link)\b/u,
  /\b(?:end|begin|start) (?:of )?(?:user |the )?(?:submission|input|data|text|document|message|instructions?)\b[^.!?\n]{0,10}(?:\.|:|-|—|=|#|>|\]|$)/u,
  /\b(?:decode|base64|rot13)\b[^.!?\n]{0,40}\b(?:follow|execute|run|do what|obey)\b/u,
  // marks of chat protocols and of the data around a text
  /<\/?\s*(?:submission|system|user|assistant|instructions?|im_start|im_end|\|?[a-z_]+\|)[^>]*>|<\|[^|>]{1,40}\|>|\[\/?inst\]|<<\/?sys>>|###\s*(?:system|instruction|assistant|response)|^\s*(?:system|assistant|developer)\s*:/mu,
  /"(?:role|content)"\s*:\s*"(?:system|assistant|developer)?/u,
  // other languages
  /(?:دستور|دستورات|دستورها|دستورالعمل|فرمان|قواعد)[^.!؟\n]{0,30}(?:قبلی|بالا|پیشین|سیستم)[^.!؟\n]{0,30}(?:نادیده|فراموش|کنار|رعایت نکن)|(?:نادیده|فراموش)[^.!؟\n]{0,30}(?:دستور|قواعد|پرامپت)/u,
  /(?:تو|شما) (?:اکنون|حالا|دیگر|از این پس) [^.!؟\n]{0,30}(?:دستیار|هوش مصنوعی|مدل|ربات)|(?:ای |به )(?:هوش مصنوعی|مدل زبانی|دستیار)|پرامپت سیستم/u,
  /ignor(?:iere|a|ez|e[rz]?)\b[^.!?\n]{0,40}\b(?:anweisungen|instrucciones|instructions|instruções|istruzioni)|忽略[^。\n]{0,12}(?:指令|指示|说明)|игнорируй[^.!?\n]{0,30}инструкции|تجاهل[^.!؟\n]{0,20}التعليمات/u,
];

/** Looks at the first 20,000 characters. */
export function addressesAModel(text: string): boolean {
  const read = text.slice(0, 20_000);
  // Letters that only look alike, and marks that are not seen, are the usual way around a list of phrases.
  const plain = normalizeText(read.normalize('NFKC').replace(/[\p{Cf}\p{Mn}]/gu, ''));
  return patterns.some((pattern) => pattern.test(plain) || pattern.test(read.toLowerCase()));
}
