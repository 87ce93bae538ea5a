import { Controller, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';

@Controller('greetings')
export class GreetingsController {
  @Get()
  @RouterRateLimit({ clientMaxRate: 1, clientCapacity: 2, every: '1h' })
  greeting(): { greeting: string } {
    return { greeting: 'hello' };
  }
}
